// SPDX-License-Identifier: Apache-2.0
#include "elementwise.h"
#include "kernel_def.h"
#include "layout.h"
#include "loop_kernel.h"
#include "pixel_loops.h"

namespace fcngraph::onednn::kernels {
namespace {

Capability capability(const StepView& step, const KernelPolicy&) {
  return plain_capability(step, "loop", "pixels side by side");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const Shape& s = step.operands[0]->shape;
  const std::int64_t images = s[0], channels = s[1], pixels = s.elements() / (images * channels);
  return loop_kernel([=](const LaunchArgs& args) {
    for_each_block(images, pixels, [&](std::int64_t image, std::int64_t first, std::int64_t count, std::int64_t) {
      const PixelBlock block{channels, pixels, count};
      const std::int64_t at = image * channels * pixels + first;
      float largest[kPixels], sum[kPixels];
      largest_of_pixels(largest, input(args, 0) + at, block);
      exponentials_of_pixels(output(args, 0) + at, sum, input(args, 0) + at, largest, block);
      for (std::int64_t i = 0; i < count; ++i) sum[i] = 1.0f / sum[i];
      scale_pixels(output(args, 0) + at, sum, block);
    });
  });
}

}  // namespace

const KernelDef& softmax() {
  static const KernelDef def{"softmax", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
