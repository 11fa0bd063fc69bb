// SPDX-License-Identifier: Apache-2.0
#include "conv2d_primitive.h"

#include <fcngraph/engine/ops/conv2d.h>

namespace fcngraph::onednn {
namespace {

enum Operand : std::size_t { kX, kWeight, kBias, kAddend };

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

}  // namespace

ConvolutionForward conv2d_primitive(const StepView& step, const dnnl::memory::desc& x, const dnnl::memory::desc& weight,
                                    const dnnl::memory::desc& y) {
  const auto& a = step.attrs->as<Conv2dAttrs>();
  const TensorType* bias = optional_operand(step, kBias);
  const auto geometry = geometry_of(a.window(), extent_of(*step.operands[kX]), extent_of(*step.results[0]));
  const compat::ConvMemory memory{x, weight, bias != nullptr ? *desc_of(*bias) : dnnl::memory::desc(), y};
  return compat::convolution(cpu_engine(), memory, geometry, epilogue(step), dnnl::prop_kind::forward_inference);
}

std::unique_ptr<PrimitiveKernel> conv2d_kernel(const StepView& step, const DeviceContext& context,
                                               const ConvolutionForward& pd) {
  auto kernel = std::make_unique<PrimitiveKernel>(context, dnnl::convolution_forward(pd), pd.scratchpad_desc());
  kernel->operand(DNNL_ARG_SRC, kX, pd.src_desc())
      .operand(DNNL_ARG_WEIGHTS, kWeight, pd.weights_desc())
      .result(DNNL_ARG_DST, 0, pd.dst_desc());
  if (const TensorType* bias = optional_operand(step, kBias)) kernel->operand(DNNL_ARG_BIAS, kBias, *desc_of(*bias));
  if (optional_operand(step, kAddend) != nullptr) kernel->add_to_result(kAddend);
  return kernel;
}

}  // namespace fcngraph::onednn
