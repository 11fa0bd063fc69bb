// SPDX-License-Identifier: Apache-2.0
#include "elementwise.h"
#include "kernel_def.h"
#include "layout.h"
#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn::kernels {
namespace {

// Where y is NaN the gradient is 0, as in the reference.
FCNGRAPH_VECTORIZED void relu_grad_row(float* grad_x, const float* grad_y, const float* y, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) grad_x[i] = y[i] > 0.0f ? grad_y[i] : 0.0f;
}

Capability capability(const StepView& step, const KernelPolicy&) {
  return same_layout_capability(step, "loop", "one pass over memory in any layout");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  return loop_kernel([n = physical_elements(*step.operands[0])](const LaunchArgs& args) {
    const float *grad_y = input(args, 0), *y = input(args, 1);
    float* grad_x = output(args, 0);
    parallel_chunks(n, [&](std::int64_t first, std::int64_t count) {
      relu_grad_row(grad_x + first, grad_y + first, y + first, count);
    });
  });
}

}  // namespace

const KernelDef& relu_grad() {
  static const KernelDef def{"relu_grad", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
