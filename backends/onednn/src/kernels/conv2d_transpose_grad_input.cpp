// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "convolution_gradient.h"
#include "winograd/kernel.h"

namespace fcngraph::onednn::kernels {
namespace {

using Primitive = dnnl::deconvolution_backward_data;

GradientTensors tensors(const StepView& step) {
  const auto& a = step.attrs->as<Conv2dTransposeGradAttrs>();
  return {{step.results[0], step.operands[1], step.operands[0], a.groups},
          geometry_of(a.window(), extent_of(*step.operands[0]), extent_of(*step.results[0]))};
}

Capability capability(const StepView& step, const KernelPolicy& policy) {
  if (auto answer = winograd::capability(step, winograd::Direction::transposed_backward, policy)) return *answer;
  return gradient_capability(step, tensors(step),
                             data_gradient<Primitive>(compat::deconvolution_data, forward_deconvolution));
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext& context) {
  if (auto kernel = winograd::prepare(step, winograd::Direction::transposed_backward)) return kernel;
  return gradient_kernel(step, context, tensors(step),
                         data_gradient<Primitive>(compat::deconvolution_data, forward_deconvolution));
}

}  // namespace

const KernelDef& conv2d_transpose_grad_input() {
  static const KernelDef def{"conv2d_transpose_grad_input", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
