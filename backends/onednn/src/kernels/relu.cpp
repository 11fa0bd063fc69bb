// SPDX-License-Identifier: Apache-2.0
#include "elementwise.h"
#include "kernel_def.h"
#include "layout.h"
#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn::kernels {
namespace {

// NaN stays NaN, as in the reference.
FCNGRAPH_VECTORIZED void relu_row(float* y, const float* x, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) y[i] = x[i] < 0.0f ? 0.0f : x[i];
}

Capability capability(const StepView& step, const KernelPolicy&) {
  return same_layout_capability(step, "loop", "one pass over memory in any layout");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  return loop_kernel([n = physical_elements(*step.operands[0])](const LaunchArgs& args) {
    const float* x = input(args, 0);
    float* y = output(args, 0);
    parallel_chunks(n, [&](std::int64_t first, std::int64_t count) { relu_row(y + first, x + first, count); });
  });
}

}  // namespace

const KernelDef& relu() {
  static const KernelDef def{"relu", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
