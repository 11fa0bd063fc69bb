// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/conv2d.h>

#include "convolution.h"
#include "fourier/kernel.h"
#include "kernel_def.h"
#include "primitive_kernel.h"
#include "winograd/kernel.h"

namespace fcngraph::onednn::kernels {
namespace {

enum Operand : std::size_t { kX, kWeight, kBias, kAddend };
using Forward = dnnl::convolution_forward::primitive_desc;

const TensorType* optional_operand(const StepView& step, std::size_t i) {
  return i < step.operands.size() ? step.operands[i] : nullptr;
}

dnnl::post_ops epilogue(const StepView& step) {
  const Epilogue how = step.attrs->as<Conv2dAttrs>().epilogue;
  dnnl::post_ops out;
  if (optional_operand(step, kAddend) != nullptr) out.append_sum(1.0f);
  if (how == Epilogue::relu || how == Epilogue::add_relu) compat::append_relu(out);
  return out;
}

Forward describe_with(const StepView& step, const dnnl::memory::desc& x, const dnnl::memory::desc& weight,
                      const dnnl::memory::desc& y) {
  const auto& a = step.attrs->as<Conv2dAttrs>();
  const TensorType* bias = optional_operand(step, kBias);
  const auto geometry = geometry_of(a.window(), extent_of(*step.operands[kX]), extent_of(*step.results[0]));
  const compat::ConvMemory memory{x, weight, bias != nullptr ? *desc_of(*bias) : dnnl::memory::desc(), y};
  return compat::convolution(cpu_engine(), memory, geometry, epilogue(step), dnnl::prop_kind::forward_inference);
}

Capability capability(const StepView& step, const KernelPolicy& policy) {
  if (auto answer = winograd::capability(step, winograd::Direction::forward, policy)) return *answer;
  if (auto answer = fourier::capability(step, policy)) return *answer;
  if (step.attrs->as<Conv2dAttrs>().epilogue == Epilogue::relu_max_pool)
    return Capability::no("oneDNN's convolution cannot pool what it has not stored");
  const std::int64_t groups = step.attrs->as<Conv2dAttrs>().groups;
  const TensorType &x = *step.operands[kX], &weight = *step.operands[kWeight], &y = *step.results[0];
  const auto make = [&](const Ask& ask) {
    const auto memory = memory_for(ask, {&x, &weight, &y, groups});
    return describe_with(step, memory.src, memory.weights, memory.dst);
  };
  const auto layouts = negotiate(step, {x.layout.tag}, make, [&](const Forward& pd) {
    return std::vector<Chosen>{{pd.src_desc(), &x}, {pd.weights_desc(), &weight, groups}, {pd.dst_desc(), &y}};
  });
  if (!layouts) return Capability::no("oneDNN has no convolution for these extents");
  Capability answer;
  answer.operands = {(*layouts)[0], (*layouts)[1], {}, (*layouts)[2]};
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
  if (auto kernel = winograd::prepare(step, winograd::Direction::forward)) return kernel;
  if (auto kernel = fourier::prepare(step)) return kernel;
  const std::int64_t groups = step.attrs->as<Conv2dAttrs>().groups;
  const auto x = desc_of(*step.operands[kX]);
  const auto weight = desc_of(*step.operands[kWeight], groups);
  const auto y = desc_of(*step.results[0]);
  if (!x || !weight || !y) return nullptr;
  const Forward pd = describe_with(step, *x, *weight, *y);
  if (!pd) return nullptr;
  auto kernel = std::make_unique<PrimitiveKernel>(context, dnnl::convolution_forward(pd), pd.scratchpad_desc());
  kernel->operand(DNNL_ARG_SRC, kX, *x).operand(DNNL_ARG_WEIGHTS, kWeight, *weight).result(DNNL_ARG_DST, 0, *y);
  if (const TensorType* bias = optional_operand(step, kBias)) kernel->operand(DNNL_ARG_BIAS, kBias, *desc_of(*bias));
  if (optional_operand(step, kAddend) != nullptr) kernel->add_to_result(kAddend);
  return kernel;
}

}  // namespace

const KernelDef& conv2d() {
  static const KernelDef def{"conv2d", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
