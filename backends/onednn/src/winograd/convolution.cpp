// SPDX-License-Identifier: Apache-2.0
#include "convolution.h"

#include <omp.h>

#include <algorithm>

#include "transform_points.h"

namespace fcngraph::onednn::winograd {
namespace {

/// Tiles of a block, at most, and bytes of weights that stay in the third cache beside the blocks of all threads.
struct Sizes {
  std::int64_t private_tiles, shared_tiles, cached_weights;
};
constexpr Sizes kSmall{28, 112, std::int64_t{12} << 20}, kLarge{14, 64, std::int64_t{24} << 20};

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// In units of an f32.
std::int64_t v_space(const Layer& layer, const Loops& loops, std::int64_t tiles) {
  return tiles * numbers_of(layer.tile) * layer.x.channels * loops.number_bytes /
         static_cast<std::int64_t>(sizeof(float));
}

// A vector more, lest all channel groups of a tile fall in the same sets of a cache.
std::int64_t m_stride(const Layer& layer, const Loops& loops, std::int64_t tiles) {
  return (tiles * numbers_of(layer.tile) + 1) * loops.lanes;
}

std::int64_t team_space(const Layer& layer, const Loops& loops, std::int64_t tiles) {
  const std::int64_t groups = layer.panels * loops.panel / loops.lanes;
  return ceil_div(v_space(layer, loops, tiles) + groups * m_stride(layer, loops, tiles), 16) * 16;
}

Block block_at(const Layer& layer, const Loops& loops, const Schedule& schedule, std::int64_t index, float* memory) {
  Block block;
  block.first = index * schedule.block_tiles;
  block.count = std::min(schedule.block_tiles, layer.tiles - block.first);
  block.v = memory;
  block.m = memory + v_space(layer, loops, schedule.block_tiles);
  block.m_stride = m_stride(layer, loops, schedule.block_tiles);
  return block;
}

struct Items {
  std::int64_t input, products, output;
};

Items items_of(const Layer& layer, const Loops& loops, const Block& block) {
  return {layer.x.channels / loops.lanes * block.count, numbers_of(layer.tile) * layer.panels,
          layer.y.channels / loops.lanes * block.count / (layer.quads ? 4 : 1)};
}

void run_private(const Layer& layer, const Loops& loops, const Schedule& schedule, const Tensors& tensors,
                 float* workspace) {
  const std::int64_t blocks = ceil_div(layer.tiles, schedule.block_tiles);
  const std::int64_t stride = team_space(layer, loops, schedule.block_tiles);
  const TileLoops& form = loops.of(layer.tile);
#pragma omp parallel for schedule(dynamic) num_threads(schedule.threads)
  for (std::int64_t b = 0; b < blocks; ++b) {
    const Block block = block_at(layer, loops, schedule, b, workspace + omp_get_thread_num() * stride);
    const Items items = items_of(layer, loops, block);
    form.transform_input(layer, tensors, block, 0, items.input);
    form.multiply(layer, tensors, block, 0, items.products);
    form.transform_output(layer, tensors, block, 0, items.output);
  }
}

void run_shared(const Layer& layer, const Loops& loops, const Schedule& schedule, const Tensors& tensors,
                float* workspace) {
  const std::int64_t blocks = ceil_div(layer.tiles, schedule.block_tiles);
  // A thread whose core does something else as well takes fewer pieces: the others need not wait for it.
  const std::int64_t pieces = numbers_of(layer.tile);
  const TileLoops& form = loops.of(layer.tile);
  const auto piece = [pieces](std::int64_t items, std::int64_t i) { return items * i / pieces; };
#pragma omp parallel num_threads(schedule.threads)
  for (std::int64_t b = 0; b < blocks; ++b) {
    const Block block = block_at(layer, loops, schedule, b, workspace);
    const Items items = items_of(layer, loops, block);
#pragma omp for schedule(dynamic)
    for (std::int64_t i = 0; i < pieces; ++i)
      form.transform_input(layer, tensors, block, piece(items.input, i), piece(items.input, i + 1));
#pragma omp for schedule(dynamic)
    for (std::int64_t i = 0; i < pieces; ++i)
      form.multiply(layer, tensors, block, piece(items.products, i), piece(items.products, i + 1));
      // The next block's inputs may be transformed meanwhile: nobody reads them any more, and its products wait for all.
#pragma omp for schedule(dynamic) nowait
    for (std::int64_t i = 0; i < pieces; ++i)
      form.transform_output(layer, tensors, block, piece(items.output, i), piece(items.output, i + 1));
  }
}

}  // namespace

Schedule schedule_for(const Layer& layer, const Loops& loops, int threads) {
  Schedule out;
  out.threads = std::max(threads, 1);
  const std::int64_t weights =
      numbers_of(layer.tile) * layer.panels * loops.panel * layer.weight_channels * loops.number_bytes;
  const Sizes& sizes = layer.tile == kLargeTile ? kLarge : kSmall;
  const bool cached = weights <= sizes.cached_weights;
  out.private_blocks = cached && (out.threads == 1 || layer.tiles >= 4 * sizes.private_tiles * out.threads);
  std::int64_t most = out.private_blocks ? sizes.private_tiles : sizes.shared_tiles;
  // Half as many where they then stay in the second cache beside the weights.
  const auto near = [&](std::int64_t tiles) {
    return weights + team_space(layer, loops, tiles) * static_cast<std::int64_t>(sizeof(float)) <= kNearCache;
  };
  if (out.private_blocks && !near(most) && near(most / 2)) most /= 2;
  const std::int64_t blocks = ceil_div(layer.tiles, most);
  // Whole groups of rows, or whole quads; but for the last block.
  const std::int64_t whole = layer.quads ? 4 : loops.rows;
  out.block_tiles = std::min(ceil_div(ceil_div(layer.tiles, blocks), whole) * whole, layer.tiles);
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
