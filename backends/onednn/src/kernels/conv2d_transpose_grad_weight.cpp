// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "convolution_gradient.h"
#include "winograd/kernel.h"

namespace fcngraph::onednn::kernels {
namespace {

using Primitive = dnnl::deconvolution_backward_weights;

GradientTensors tensors(const StepView& step) {
  const auto& a = step.attrs->as<Conv2dTransposeGradAttrs>();
  return {{step.operands[0], step.results[0], step.operands[1], a.groups},
          geometry_of(a.window(), extent_of(*step.operands[1]), extent_of(*step.operands[0]))};
}

Capability capability(const StepView& step, const KernelPolicy& policy) {
  if (auto answer = winograd::weight_gradient_capability(step, policy)) return *answer;
  return gradient_capability(step, tensors(step),
                             weight_gradient<Primitive>(compat::deconvolution_weights, forward_deconvolution));
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext& context) {
  if (auto kernel = winograd::prepare_weight_gradient(step, context.policy)) return kernel;
  return gradient_kernel(step, context, tensors(step),
                         weight_gradient<Primitive>(compat::deconvolution_weights, forward_deconvolution));
}

}  // namespace

const KernelDef& conv2d_transpose_grad_weight() {
  static const KernelDef def{"conv2d_transpose_grad_weight", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
