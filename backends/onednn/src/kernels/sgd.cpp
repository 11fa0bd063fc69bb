// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/optimizer.h>

#include "elementwise.h"
#include "kernel_def.h"
#include "layout.h"
#include "update_step.h"

namespace fcngraph::onednn::kernels {
namespace {

enum Operand : std::size_t { kParam, kGrad, kVelocity, kLr, kScale, kFinite };
enum Result : std::size_t { kNewParam, kNewVelocity };

FCNGRAPH_VECTORIZED void plain_row(float* __restrict param, const float* __restrict grad, float rate, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) param[i] -= rate * grad[i];
}

FCNGRAPH_VECTORIZED void momentum_row(float* __restrict param, float* __restrict velocity, const float* __restrict grad,
                                      float rate, float momentum, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    velocity[i] = momentum * velocity[i] - rate * grad[i];
    param[i] += velocity[i];
  }
}

FCNGRAPH_VECTORIZED void nesterov_row(float* __restrict param, float* __restrict velocity, const float* __restrict grad,
                                      float rate, float momentum, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    const float step = rate * grad[i];
    velocity[i] = momentum * velocity[i] - step;
    param[i] += momentum * velocity[i] - step;
  }
}

Capability capability(const StepView& step, const KernelPolicy&) {
  return plain_capability(step, "loop", "one pass over memory, in place");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  return loop_kernel(
      [n = physical_elements(*step.operands[kParam]), a = step.attrs->as<SgdAttrs>()](const LaunchArgs& args) {
        const bool has_velocity = args.operands[kVelocity] != nullptr;
        start_in_place(args, n, {{kNewParam, kParam}});
        if (has_velocity) start_in_place(args, n, {{kNewVelocity, kVelocity}});
        if (scalar_of(args, kFinite) == 0) return;
        const auto rate = static_cast<float>(scalar_of(args, kLr) * scalar_of(args, kScale));
        const auto momentum = static_cast<float>(a.momentum);
        const float* grad = input(args, kGrad);
        float* param = output(args, kNewParam);
        float* velocity = has_velocity ? output(args, kNewVelocity) : nullptr;
        parallel_chunks(n, [&](std::int64_t first, std::int64_t count) {
          if (!has_velocity)
            plain_row(param + first, grad + first, rate, count);
          else if (a.nesterov)
            nesterov_row(param + first, velocity + first, grad + first, rate, momentum, count);
          else
            momentum_row(param + first, velocity + first, grad + first, rate, momentum, count);
        });
      });
}

}  // namespace

const KernelDef& sgd() {
  static const KernelDef def{"sgd", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
