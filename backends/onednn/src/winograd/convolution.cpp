// SPDX-License-Identifier: Apache-2.0
#include "convolution.h"

#include <omp.h>

#include <algorithm>

#include "transform_points.h"

namespace fcngraph::onednn::winograd {
namespace {

constexpr std::int64_t kPrivateTiles = 28, kSharedTiles = 112;
constexpr std::int64_t kCachedWeights = std::int64_t{12} << 20, kNearCache = std::int64_t{1} << 20;  // bytes

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// In units of an f32.
std::int64_t v_space(const Layer& layer, const Loops& loops, std::int64_t tiles) {
  return tiles * kNumbers * layer.x.channels * loops.number_bytes / static_cast<std::int64_t>(sizeof(float));
}

// A vector more, lest all channel groups of a tile fall in the same sets of a cache.
std::int64_t m_stride(const Loops& loops, std::int64_t tiles) { return (tiles * kNumbers + 1) * loops.lanes; }

std::int64_t team_space(const Layer& layer, const Loops& loops, std::int64_t tiles) {
  const std::int64_t groups = layer.panels * loops.panel / loops.lanes;
  return ceil_div(v_space(layer, loops, tiles) + groups * m_stride(loops, tiles), 16) * 16;
}

Block block_at(const Layer& layer, const Loops& loops, const Schedule& schedule, std::int64_t index, float* memory) {
  Block block;
  block.first = index * schedule.block_tiles;
  block.count = std::min(schedule.block_tiles, layer.tiles - block.first);
  block.v = memory;
  block.m = memory + v_space(layer, loops, schedule.block_tiles);
  block.m_stride = m_stride(loops, schedule.block_tiles);
  return block;
}

struct Items {
  std::int64_t input, products, output;
};

Items items_of(const Layer& layer, const Loops& loops, const Block& block) {
  return {layer.x.channels / loops.lanes * block.count, kNumbers * layer.panels,
          layer.y.channels / loops.lanes * block.count};
}

void run_private(const Layer& layer, const Loops& loops, const Schedule& schedule, const Tensors& tensors,
                 float* workspace) {
  const std::int64_t blocks = ceil_div(layer.tiles, schedule.block_tiles);
  const std::int64_t stride = team_space(layer, loops, schedule.block_tiles);
#pragma omp parallel for schedule(dynamic) num_threads(schedule.threads)
  for (std::int64_t b = 0; b < blocks; ++b) {
    const Block block = block_at(layer, loops, schedule, b, workspace + omp_get_thread_num() * stride);
    const Items items = items_of(layer, loops, block);
    loops.transform_input(layer, tensors, block, 0, items.input);
    loops.multiply(layer, tensors, block, 0, items.products);
    loops.transform_output(layer, tensors, block, 0, items.output);
  }
}

void run_shared(const Layer& layer, const Loops& loops, const Schedule& schedule, const Tensors& tensors,
                float* workspace) {
  const std::int64_t blocks = ceil_div(layer.tiles, schedule.block_tiles);
  // A thread whose core does something else as well takes fewer pieces: the others need not wait for it.
  constexpr std::int64_t kPieces = kNumbers;
  const auto piece = [](std::int64_t items, std::int64_t i) { return items * i / kPieces; };
#pragma omp parallel num_threads(schedule.threads)
  for (std::int64_t b = 0; b < blocks; ++b) {
    const Block block = block_at(layer, loops, schedule, b, workspace);
    const Items items = items_of(layer, loops, block);
#pragma omp for schedule(dynamic)
    for (std::int64_t i = 0; i < kPieces; ++i)
      loops.transform_input(layer, tensors, block, piece(items.input, i), piece(items.input, i + 1));
#pragma omp for schedule(dynamic)
    for (std::int64_t i = 0; i < kPieces; ++i)
      loops.multiply(layer, tensors, block, piece(items.products, i), piece(items.products, i + 1));
      // The next block's inputs may be transformed meanwhile: nobody reads them any more, and its products wait for all.
#pragma omp for schedule(dynamic) nowait
    for (std::int64_t i = 0; i < kPieces; ++i)
      loops.transform_output(layer, tensors, block, piece(items.output, i), piece(items.output, i + 1));
  }
}

}  // namespace

Schedule schedule_for(const Layer& layer, const Loops& loops, int threads) {
  Schedule out;
  out.threads = std::max(threads, 1);
  const std::int64_t weights = kNumbers * layer.panels * loops.panel * layer.weight_channels * loops.number_bytes;
  out.private_blocks = out.threads == 1 ? weights <= kCachedWeights
                                        : weights <= kCachedWeights && layer.tiles >= 4 * kPrivateTiles * out.threads;
  std::int64_t most = out.private_blocks ? kPrivateTiles : kSharedTiles;
  // Half as many where they then stay in the second cache beside the weights.
  const auto near = [&](std::int64_t tiles) {
    return weights + team_space(layer, loops, tiles) * static_cast<std::int64_t>(sizeof(float)) <= kNearCache;
  };
  if (out.private_blocks && !near(most) && near(most / 2)) most /= 2;
  const std::int64_t blocks = ceil_div(layer.tiles, most);
  // Whole groups of rows, but for the last block.
  out.block_tiles = std::min(ceil_div(ceil_div(layer.tiles, blocks), loops.rows) * loops.rows, layer.tiles);
  return out;
}

std::int64_t workspace_bytes(const Layer& layer, const Loops& loops, const Schedule& schedule) {
  const std::int64_t teams = schedule.private_blocks ? schedule.threads : 1;
  return teams * team_space(layer, loops, schedule.block_tiles) * static_cast<std::int64_t>(sizeof(float));
}

void run(const Layer& layer, const Loops& loops, const Schedule& schedule, const Tensors& tensors, float* workspace) {
  if (schedule.private_blocks)
    run_private(layer, loops, schedule, tensors, workspace);
  else
    run_shared(layer, loops, schedule, tensors, workspace);
}

}  // namespace fcngraph::onednn::winograd
