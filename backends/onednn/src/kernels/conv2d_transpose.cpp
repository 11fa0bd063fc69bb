// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "convolution.h"
#include "kernel_def.h"
#include "primitive_kernel.h"
#include "winograd/kernel.h"

namespace fcngraph::onednn::kernels {
namespace {

enum Operand : std::size_t { kX, kWeight, kBias };
using Forward = dnnl::deconvolution_forward::primitive_desc;

const TensorType* bias_of(const StepView& step) {
  return step.operands.size() > kBias ? step.operands[kBias] : nullptr;
}

Forward describe_with(const StepView& step, const dnnl::memory::desc& x, const dnnl::memory::desc& weight,
                      const dnnl::memory::desc& y) {
  const auto& a = step.attrs->as<Conv2dTransposeAttrs>();
  const TensorType* bias = bias_of(step);
  // The zeros of the convolution from y's size to x's are what this one cuts off.
  const auto geometry = geometry_of(a.window(), extent_of(*step.results[0]), extent_of(*step.operands[kX]));
  const compat::ConvMemory memory{x, weight, bias != nullptr ? *desc_of(*bias) : dnnl::memory::desc(), y};
  return compat::deconvolution(cpu_engine(), memory, geometry, {}, dnnl::prop_kind::forward_training);
}

Capability capability(const StepView& step, const KernelPolicy& policy) {
  if (auto answer = winograd::capability(step, winograd::Direction::transposed, policy)) return *answer;
  const std::int64_t groups = step.attrs->as<Conv2dTransposeAttrs>().groups;
  const TensorType &x = *step.operands[kX], &weight = *step.operands[kWeight], &y = *step.results[0];
  const auto make = [&](const Ask& ask) {
    const auto memory = memory_for(ask, {&x, &weight, &y, groups});
    return describe_with(step, memory.src, memory.weights, memory.dst);
  };
  const auto layouts = negotiate(step, {x.layout.tag}, make, [&](const Forward& pd) {
    return std::vector<Chosen>{{pd.src_desc(), &x}, {pd.weights_desc(), &weight, groups}, {pd.dst_desc(), &y}};
  });
  if (!layouts) return Capability::no("oneDNN has no transposed convolution for these extents");
  Capability answer;
  answer.operands = {(*layouts)[0], (*layouts)[1]};
  answer.operands.resize(step.operands.size());
  answer.results = {(*layouts)[2]};
  const Forward pd =
      describe_with(step, *desc_of(with_layout(x, (*layouts)[0])), *desc_of(with_layout(weight, (*layouts)[1]), groups),
                    *desc_of(with_layout(y, (*layouts)[2])));
  if (!pd) return Capability::no("oneDNN refuses the formats that it chose itself");
  describe(answer, pd);
  return answer;
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext& context) {
  if (auto kernel = winograd::prepare(step, winograd::Direction::transposed)) return kernel;
  const auto x = desc_of(*step.operands[kX]);
  const auto weight = desc_of(*step.operands[kWeight], step.attrs->as<Conv2dTransposeAttrs>().groups);
  const auto y = desc_of(*step.results[0]);
  if (!x || !weight || !y) return nullptr;
  const Forward pd = describe_with(step, *x, *weight, *y);
  if (!pd) return nullptr;
  auto kernel = std::make_unique<PrimitiveKernel>(context, dnnl::deconvolution_forward(pd), pd.scratchpad_desc());
  kernel->operand(DNNL_ARG_SRC, kX, *x).operand(DNNL_ARG_WEIGHTS, kWeight, *weight).result(DNNL_ARG_DST, 0, *y);
  if (const TensorType* bias = bias_of(step)) kernel->operand(DNNL_ARG_BIAS, kBias, *desc_of(*bias));
  return kernel;
}

}  // namespace

const KernelDef& conv2d_transpose() {
  static const KernelDef def{"conv2d_transpose", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
