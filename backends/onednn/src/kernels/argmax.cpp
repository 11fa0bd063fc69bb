// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/argmax.h>

#include <limits>

#include "elementwise.h"
#include "kernel_def.h"
#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn::kernels {
namespace {

constexpr std::int64_t kPiece = 1024;

/// Up to kPiece pixels of one image, whose channels lie `pixels` apart. NaN never wins, the lowest channel wins ties.
FCNGRAPH_VECTORIZED void argmax_pixels(std::uint8_t* labels, const float* x, std::int64_t channels, std::int64_t pixels,
                                       std::int64_t n) {
  float best[kPiece];
  std::int32_t label[kPiece];
  for (std::int64_t i = 0; i < n; ++i) {
    best[i] = -std::numeric_limits<float>::infinity();
    label[i] = 0;
  }
  for (std::int64_t c = 0; c < channels; ++c) {
    const float* plane = x + c * pixels;
    for (std::int64_t i = 0; i < n; ++i) {
      const bool wins = plane[i] > best[i];
      label[i] = wins ? static_cast<std::int32_t>(c) : label[i];
      best[i] = wins ? plane[i] : best[i];
    }
  }
  for (std::int64_t i = 0; i < n; ++i) labels[i] = static_cast<std::uint8_t>(label[i]);
}

Capability capability(const StepView& step, const KernelPolicy&) {
  return plain_capability(step, "loop", "pixels side by side");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const Shape& x = step.operands[0]->shape;
  const std::int64_t images = x[0], channels = x[1], pixels = x[2] * x[3];
  return loop_kernel([=](const LaunchArgs& args) {
    const std::int64_t pieces = (pixels + kPiece - 1) / kPiece;
    auto* labels = reinterpret_cast<std::uint8_t*>(args.results[0]);
    parallel_for(images * pieces, [&](std::int64_t task) {
      const std::int64_t image = task / pieces, first = task % pieces * kPiece;
      argmax_pixels(labels + image * pixels + first, input(args, 0) + image * channels * pixels + first, channels,
                    pixels, std::min(kPiece, pixels - first));
    });
  });
}

}  // namespace

const KernelDef& argmax() {
  static const KernelDef def{"argmax", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
