// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/ops/adam_step.h>

#include "layout.h"
#include "update_step.h"

namespace fcngraph::onednn {

/// One chunk of an Adam step, in place.
void adam_row(float* param, float* m, float* v, const float* grad, const AdamStep<float>& step, std::int64_t n);

/// The kernel of adam and adamw, which differ in their attributes alone.
template <class A>
std::unique_ptr<Kernel> adam_kernel(const StepView& step, const A& attrs, double weight_decay) {
  enum Operand : std::size_t { kParam, kGrad, kM, kV, kLr, kStep, kScale, kFinite };
  return loop_kernel([n = physical_elements(*step.operands[kParam]), attrs, weight_decay](const LaunchArgs& args) {
    start_in_place(args, n, {{0, kParam}, {1, kM}, {2, kV}});
    if (scalar_of(args, kFinite) == 0) return;
    const auto at = *reinterpret_cast<const std::int64_t*>(args.operands[kStep]);
    const auto adam = AdamStep<float>::make(attrs, weight_decay, scalar_of(args, kLr), at, scalar_of(args, kScale));
    parallel_chunks(n, [&](std::int64_t first, std::int64_t count) {
      adam_row(output(args, 0) + first, output(args, 1) + first, output(args, 2) + first, input(args, kGrad) + first,
               adam, count);
    });
  });
}

}  // namespace fcngraph::onednn
