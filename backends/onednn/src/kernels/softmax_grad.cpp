// SPDX-License-Identifier: Apache-2.0
#include "elementwise.h"
#include "kernel_def.h"
#include "layout.h"
#include "loop_kernel.h"
#include "pixel_loops.h"

namespace fcngraph::onednn::kernels {
namespace {

FCNGRAPH_VECTORIZED void add_products(float* __restrict dot, const float* __restrict a, const float* __restrict b,
                                      std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) dot[i] += a[i] * b[i];
}

FCNGRAPH_VECTORIZED void grad_row(float* grad_x, const float* grad_y, const float* y, const float* dot,
                                  std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) grad_x[i] = y[i] * (grad_y[i] - dot[i]);
}

Capability capability(const StepView& step, const KernelPolicy&) {
  return plain_capability(step, "loop", "pixels side by side");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const Shape& s = step.operands[0]->shape;
  const std::int64_t images = s[0], channels = s[1], pixels = s.elements() / (images * channels);
  return loop_kernel([=](const LaunchArgs& args) {
    for_each_block(images, pixels, [&](std::int64_t image, std::int64_t first, std::int64_t count, std::int64_t) {
      float dot[kPixels] = {};
      const std::int64_t at = image * channels * pixels + first;
      for (std::int64_t c = 0; c < channels; ++c)
        add_products(dot, input(args, 0) + at + c * pixels, input(args, 1) + at + c * pixels, count);
      for (std::int64_t c = 0; c < channels; ++c) {
        const std::int64_t row = at + c * pixels;
        grad_row(output(args, 0) + row, input(args, 0) + row, input(args, 1) + row, dot, count);
      }
    });
  });
}

}  // namespace

const KernelDef& softmax_grad() {
  static const KernelDef def{"softmax_grad", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
