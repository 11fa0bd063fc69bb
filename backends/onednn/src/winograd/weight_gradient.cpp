// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>

#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "../layout.h"
#include "../loop_kernel.h"
#include "../parallel.h"
#include "../vector_loops/vector_loops.h"
#include "choice.h"
#include "kernel.h"
#include "pass.h"
#include "transform_points.h"

namespace fcngraph::onednn::winograd {
namespace {

enum Operand : std::size_t { kX, kGradY };

constexpr std::int64_t kNumbers = numbers_of(kSmallTile);
constexpr std::int64_t kFewestTiles = 96, kMostTiles = 256;
constexpr std::int64_t kPartedSums = std::int64_t{8} << 20;  // numbers: 32 MiB
constexpr std::int64_t kMostParts = 64, kFewestParts = 8;

/// How the tiles of a layer are shared out, and where the numbers lie. Sums go block by block, so that blocks and parts depend on the
/// layer alone; only who works on which does on the threads.
struct Schedule {
  std::int64_t tiles = 0, blocks = 0;  ///< of a block; of the layer
  std::int64_t parts = 1;              ///< each summed by one thread; one: all threads work on it together
  std::int64_t v_stride = 0, w_stride = 0, values = 0, sums = 0;
  int threads = 1;

  // As many tiles as make the values about as many as the sums, which are read and written once for each block. A vector more
  // between the 36, lest they fall in the same sets of a cache.
  Schedule(const Layer& layer, const Loops& loops, int team) : threads(std::max(team, 1)) {
    const std::int64_t in = layer.x.channels, out = layer.y.channels;
    tiles = std::min(std::clamp(in * out / (in + out), kFewestTiles, kMostTiles), layer.tiles);
    blocks = (layer.tiles + tiles - 1) / tiles;
    v_stride = in * tiles + loops.lanes;
    w_stride = out * tiles + loops.lanes;
    values = kNumbers * (v_stride + w_stride);
    sums = in * out * kNumbers;
    const std::int64_t most = std::min({kPartedSums / sums, blocks, kMostParts});
    if (most >= kFewestParts) parts = most;
  }
  std::int64_t bytes() const {
    return (parts * sums + (parts > 1 ? threads : 1) * values) * static_cast<std::int64_t>(sizeof(float));
  }
  std::int64_t first_block(std::int64_t part) const { return part * blocks / parts; }

  /// Block `index`, which lies in `part`, with its values in the `place`th piece of the memory for them.
  GradientBlock block(const Layer& layer, std::int64_t index, std::int64_t part, std::int64_t place,
                      float* memory) const {
    GradientBlock out;
    out.tiles = tiles;
    out.first = index * tiles;
    out.count = std::min(tiles, layer.tiles - out.first);
    out.opens = index == first_block(part);
    out.m = memory + part * sums;
    out.v = memory + parts * sums + place * values;
    out.w = out.v + kNumbers * v_stride;
    out.v_stride = v_stride;
    out.w_stride = w_stride;
    return out;
  }
};

bool is_transposed(const StepView& step) { return step.op == &ops::conv2d_transpose_grad_weight(); }

bool has_form(const StepView& step) {
  const auto has = [](const auto& attrs) { return winograd::has_form(attrs.window(), attrs.groups); };
  return is_transposed(step) ? has(step.attrs->as<Conv2dTransposeGradAttrs>()) : has(step.attrs->as<Conv2dGradAttrs>());
}

/// A transposed convolution is one by the flipped kernel, with what its window leaves of the zeros.
Layer layer_of(const StepView& step, const TensorType& x, const TensorType& y, const Loops& loops) {
  const bool transposed = is_transposed(step);
  const Pads pads =
      transposed ? flipped(resolve_pads(step.attrs->as<Conv2dTransposeGradAttrs>().window(), y.shape[2], y.shape[3]))
                 : resolve_pads(step.attrs->as<Conv2dGradAttrs>().window(), x.shape[2], x.shape[3]);
  const Pass pass{x, y, step.results[0], Direction::forward, pads, {y.shape[2], y.shape[3]}};
  Layer layer = winograd::layer_of(pass, loops, kSmallTile);
  layer.flip = transposed;
  return layer;
}

struct Items {
  std::int64_t x, y, products;
  Items(const Layer& layer, const Loops& loops, const GradientBlock& block)
      : x(layer.x.channels / loops.lanes * block.count),
        y(layer.y.channels / loops.lanes * block.count),
        products(kNumbers * (layer.y.channels / loops.gradient_rows)) {}
};

void sum_parts(const Layer& layer, const Loops& loops, const Schedule& schedule, const GradientTensors& tensors,
               float* memory) {
#pragma omp parallel for schedule(dynamic) num_threads(schedule.threads)
  for (std::int64_t part = 0; part < schedule.parts; ++part) {
    for (std::int64_t b = schedule.first_block(part); b < schedule.first_block(part + 1); ++b) {
      const GradientBlock block = schedule.block(layer, b, part, omp_get_thread_num(), memory);
      const Items items(layer, loops, block);
      loops.transform_values(layer, tensors, block, 0, items.x);
      loops.transform_gradient(layer, tensors, block, 0, items.y);
      loops.sum_products(layer, block, 0, items.products);
    }
  }
}

void sum_together(const Layer& layer, const Loops& loops, const Schedule& schedule, const GradientTensors& tensors,
                  float* memory) {
#pragma omp parallel num_threads(schedule.threads)
  {
    const std::int64_t thread = omp_get_thread_num(), team = omp_get_num_threads();
    const auto begin = [&](std::int64_t items) { return items * thread / team; };
    const auto end = [&](std::int64_t items) { return items * (thread + 1) / team; };
    for (std::int64_t b = 0; b < schedule.blocks; ++b) {
      const GradientBlock block = schedule.block(layer, b, 0, 0, memory);
      const Items items(layer, loops, block);
      loops.transform_values(layer, tensors, block, begin(items.x), end(items.x));
      loops.transform_gradient(layer, tensors, block, begin(items.y), end(items.y));
#pragma omp barrier
      loops.sum_products(layer, block, begin(items.products), end(items.products));
#pragma omp barrier
    }
  }
}

void run(const Layer& layer, const Loops& loops, const Schedule& schedule, GradientTensors tensors, float* memory) {
  tensors.m = memory;
  tensors.parts = schedule.parts;
  if (schedule.parts > 1)
    sum_parts(layer, loops, schedule, tensors, memory);
  else
    sum_together(layer, loops, schedule, tensors, memory);
  parallel_for(layer.out_channels,
               [&](std::int64_t output) { loops.transform_sums(layer, tensors, output, output + 1); });
}

/// Whether the policy and the estimate are for it, and how it lies.
struct Plan {
  std::string tag;
  Estimate time;
};

std::optional<Plan> plan_of(const StepView& step, const KernelPolicy& policy) {
  if (!has_form(step) || policy.exact || policy.kernels == "onednn") return std::nullopt;
  const Loops& loops = loops_in_use().winograd;
  Plan plan;
  plan.tag = vector_tag(*step.operands[kX], *step.operands[kGradY], loops.lanes);
  const Layer layer =
      layer_of(step, in_tag(*step.operands[kX], plan.tag), in_tag(*step.operands[kGradY], plan.tag), loops);
  plan.time = estimate_weight_gradient(layer);
  if (policy.kernels != "winograd" && !is_faster(plan.time)) return std::nullopt;
  return plan;
}

}  // namespace

std::optional<Capability> weight_gradient_capability(const StepView& step, const KernelPolicy& policy) {
  const auto plan = plan_of(step, policy);
  if (!plan) return std::nullopt;
  const Loops& loops = loops_in_use().winograd;
  const TensorType x = in_tag(*step.operands[kX], plan->tag), y = in_tag(*step.operands[kGradY], plan->tag);
  Capability answer;
  answer.supported = true;
  answer.kernel = std::string("winograd3x3:") + loops.name;
  answer.reason = in_words(plan->time, "F(3x3, 4x4)");
  answer.operands = {x.layout, y.layout};
  answer.results = {{}};
  answer.workspace = Schedule(layer_of(step, x, y, loops), loops, omp_get_max_threads()).bytes();
  return answer;
}

std::unique_ptr<Kernel> prepare_weight_gradient(const StepView& step, const KernelPolicy& policy) {
  const Loops& loops = loops_in_use().winograd;
  const TensorType &x = *step.operands[kX], &y = *step.operands[kGradY];
  if (!plan_of(step, policy) || !lies_in_vectors(x, loops.lanes) || !lies_in_vectors(y, loops.lanes) ||
      !step.results[0]->layout.is_plain())
    return nullptr;
  const Layer layer = layer_of(step, x, y, loops);
  const Schedule schedule(layer, loops, omp_get_max_threads());
  return loop_kernel([layer, &loops, schedule](const LaunchArgs& args) {
    const GradientTensors tensors{input(args, kX), input(args, kGradY), output(args, 0)};
    run(layer, loops, schedule, tensors, reinterpret_cast<float*>(args.workspace));
  });
}

}  // namespace fcngraph::onednn::winograd
