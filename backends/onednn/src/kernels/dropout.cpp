// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/dropout.h>

#include <cmath>

#include "channel_walk.h"
#include "elementwise.h"
#include "kernel_def.h"
#include "loop_kernel.h"

namespace fcngraph::onednn::kernels {
namespace {

struct Row {
  std::uint64_t stream, threshold;
  std::int64_t channels, first_channel, stride;
  float factor;
};

/// The bits' upper 53 against the rate, both as integers: the same decision as dropout_keeps.
[[gnu::always_inline]] inline float keep(const Row& r, std::int64_t pixel, std::int64_t lane) {
  const auto index = static_cast<std::uint64_t>(pixel * r.channels + r.first_channel + lane);
  return random_bits(r.stream, index) >> 11 >= r.threshold ? r.factor : 0.0f;
}

FCNGRAPH_VECTORIZED void drop_row(float* y, const float* x, std::int64_t n, const Row& row) {
  const Row r = row;
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) {
    const float factor = keep(r, i, 0);
    y[i] = factor == 0.0f ? 0.0f : x[i] * factor;
  }
}

FCNGRAPH_VECTORIZED void drop_lanes(float* y, const float* x, std::int64_t n, std::int64_t lanes, const Row& row) {
  const Row r = row;
  for (std::int64_t i = 0; i < n; ++i) {
#pragma omp simd
    for (std::int64_t l = 0; l < lanes; ++l) {
      const float factor = keep(r, i, l);
      y[i * r.stride + l] = factor == 0.0f ? 0.0f : x[i * r.stride + l] * factor;
    }
  }
}

Capability capability(const StepView& step, const KernelPolicy&) {
  if (!channel_order(with_layout(*step.operands[0], shared_layout(step))))
    return plain_capability(step, "loop", "random numbers by index");
  return same_layout_capability(step, "loop", "random numbers by index, in the layout of x");
}

// With the channels last, an element's number is its place in memory: pixels are rows of neighbours.
std::unique_ptr<Kernel> pixel_rows(const TensorType& x, const std::string& key, std::uint64_t threshold, float factor) {
  const std::int64_t images = x.shape[0], channels = x.shape[1], pixels = x.shape.elements() / (images * channels);
  return loop_kernel([=](const LaunchArgs& args) {
    const auto* keys = reinterpret_cast<const std::int64_t*>(args.operands[1]);
    parallel_for(images * pixels, [&](std::int64_t task) {
      const Row row{dropout_stream(keys[task / pixels], key), threshold, 1, task % pixels * channels, 1, factor};
      drop_row(output(args, 0) + task * channels, input(args, 0) + task * channels, channels, row);
    });
  });
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const TensorType& x = *step.operands[0];
  const auto order = channel_order(x);
  if (!order) return nullptr;
  const auto& a = step.attrs->as<DropoutAttrs>();
  const auto threshold = static_cast<std::uint64_t>(std::ceil(a.rate * 0x1.0p53));
  const auto factor = static_cast<float>(1 / (1 - a.rate));
  if (order->kind == ChannelOrder::Kind::last) return pixel_rows(x, a.key, threshold, factor);
  return loop_kernel([walk = ChannelWalk::over(x), key = a.key, threshold, factor](const LaunchArgs& args) {
    const auto* keys = reinterpret_cast<const std::int64_t*>(args.operands[1]);
    walk.for_each([&](std::int64_t image, std::int64_t group, std::int64_t at) {
      const Row row{
          dropout_stream(keys[image], key), threshold, walk.channels, group * walk.lanes, walk.stride, factor};
      if (walk.stride == 1)
        drop_row(output(args, 0) + at, input(args, 0) + at, walk.pixels, row);
      else
        drop_lanes(output(args, 0) + at, input(args, 0) + at, walk.pixels, walk.width(group), row);
    });
  });
}

}  // namespace

const KernelDef& dropout() {
  static const KernelDef def{"dropout", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
