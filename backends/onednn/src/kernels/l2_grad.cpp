// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/gradient_norm.h>

#include "elementwise.h"
#include "kernel_def.h"
#include "layout.h"
#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn::kernels {
namespace {

FCNGRAPH_VECTORIZED void l2_row(float* sum, const float* grad, const float* param, float factor, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) sum[i] = grad[i] + factor * param[i];
}

// Parameters are plain, and so is what updates them.
Capability capability(const StepView& step, const KernelPolicy&) {
  return plain_capability(step, "loop", "one pass over memory");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const auto factor = static_cast<float>(2 * step.attrs->as<L2GradAttrs>().value);
  const bool scaled = step.operands.size() > 2 && step.operands[2] != nullptr;
  return loop_kernel([n = physical_elements(*step.operands[0]), factor, scaled](const LaunchArgs& args) {
    const float times = scaled ? factor * *input(args, 2) : factor;
    parallel_chunks(n, [&](std::int64_t first, std::int64_t count) {
      l2_row(output(args, 0) + first, input(args, 0) + first, input(args, 1) + first, times, count);
    });
  });
}

}  // namespace

const KernelDef& l2_grad() {
  static const KernelDef def{"l2_grad", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
