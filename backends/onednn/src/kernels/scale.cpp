// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/scale.h>

#include "elementwise.h"
#include "kernel_def.h"
#include "layout.h"
#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn::kernels {
namespace {

enum Operand : std::size_t { kX, kFactor };

FCNGRAPH_VECTORIZED void scale_row(float* y, const float* x, float factor, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) y[i] = x[i] * factor;
}

double factor_of(const LaunchArgs& args, bool wide) {
  if (args.operands.size() <= kFactor || args.operands[kFactor] == nullptr) return 1.0;
  return wide ? *reinterpret_cast<const double*>(args.operands[kFactor]) : static_cast<double>(*input(args, kFactor));
}

Capability capability(const StepView& step, const KernelPolicy&) {
  if (step.operands[kX]->dtype != DType::f32)
    return Capability::no("operand 0: expected f32, got " + std::string(name_of(step.operands[kX]->dtype)));
  // A scalar times its factor: both have the shape of operand 0, and all are plain.
  return same_layout_capability(step, "loop", "one pass over memory in any layout");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const double value = step.attrs->as<ScaleAttrs>().value;
  const bool wide = step.operands.size() > kFactor && step.operands[kFactor] != nullptr &&
                    step.operands[kFactor]->dtype == DType::f64;
  return loop_kernel([n = physical_elements(*step.operands[kX]), value, wide](const LaunchArgs& args) {
    const auto factor = static_cast<float>(value * factor_of(args, wide));
    const float* x = input(args, kX);
    float* y = output(args, 0);
    parallel_chunks(n, [&](std::int64_t first, std::int64_t count) { scale_row(y + first, x + first, factor, count); });
  });
}

}  // namespace

const KernelDef& scale() {
  static const KernelDef def{"scale", capability, prepare, true};
  return def;
}

}  // namespace fcngraph::onednn::kernels
