// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/conv2d.h>

#include "bf16_convolution.h"
#include "conv2d_primitive.h"
#include "fourier/kernel.h"
#include "kernel_def.h"
#include "winograd/kernel.h"

namespace fcngraph::onednn::kernels {
namespace {

enum Operand : std::size_t { kX, kWeight };

Capability capability(const StepView& step, const KernelPolicy& policy) {
  if (auto answer = winograd::capability(step, winograd::Direction::forward, policy)) return *answer;
  if (auto answer = fourier::capability(step, policy)) return *answer;
  if (step.attrs->as<Conv2dAttrs>().epilogue == Epilogue::relu_max_pool)
    return Capability::no("oneDNN's convolution cannot pool what it has not stored");
  if (auto answer = bf16_capability(step, policy)) return *answer;
  const std::int64_t groups = step.attrs->as<Conv2dAttrs>().groups;
  const TensorType &x = *step.operands[kX], &weight = *step.operands[kWeight], &y = *step.results[0];
  const auto make = [&](const Ask& ask) {
    const auto memory = memory_for(ask, {&x, &weight, &y, groups});
    return conv2d_primitive(step, memory.src, memory.weights, memory.dst);
  };
  const auto layouts = negotiate(step, {x.layout.tag}, make, [&](const ConvolutionForward& pd) {
    return std::vector<Chosen>{{pd.src_desc(), &x}, {pd.weights_desc(), &weight, groups}, {pd.dst_desc(), &y}};
  });
  if (!layouts) return Capability::no("oneDNN has no convolution for these extents");
  Capability answer;
  answer.operands = {(*layouts)[0], (*layouts)[1], {}, (*layouts)[2]};
  answer.operands.resize(step.operands.size());
  answer.results = {(*layouts)[2]};
  const auto pd =
      conv2d_primitive(step, *desc_of(with_layout(x, (*layouts)[0])),
                       *desc_of(with_layout(weight, (*layouts)[1]), groups), *desc_of(with_layout(y, (*layouts)[2])));
  if (!pd) return Capability::no("oneDNN refuses the formats that it chose itself");
  describe(answer, pd);
  if (policy.products != DType::f32)
    answer.reason = "products stay in f32: those of bf16 are not expected to be faster";
  return answer;
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext& context) {
  if (auto kernel = winograd::prepare(step, winograd::Direction::forward)) return kernel;
  if (auto kernel = fourier::prepare(step)) return kernel;
  if (auto kernel = prepare_bf16(step, context)) return kernel;
  const auto x = desc_of(*step.operands[kX]);
  const auto weight = desc_of(*step.operands[kWeight], step.attrs->as<Conv2dAttrs>().groups);
  const auto y = desc_of(*step.results[0]);
  if (!x || !weight || !y) return nullptr;
  const auto pd = conv2d_primitive(step, *x, *weight, *y);
  return pd ? conv2d_kernel(step, context, pd) : nullptr;
}

}  // namespace

const KernelDef& conv2d() {
  static const KernelDef def{"conv2d", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
