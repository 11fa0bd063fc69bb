// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/pool2d.h>

#include "pooling.h"
#include "primitive_kernel.h"
#include "reference_kernel.h"

namespace fcngraph::onednn::kernels {
namespace {

Pooling pooling(const StepView& step) {
  const auto& a = step.attrs->as<AvgPool2dGradAttrs>();
  const Window w = a.window();
  return {a.include_pad ? dnnl::algorithm::pooling_avg_include_padding : dnnl::algorithm::pooling_avg_exclude_padding,
          {w.kernel.h, w.kernel.w},
          geometry_of(w, a.input, extent_of(*step.operands[0]))};
}

Capability capability(const StepView& step, const KernelPolicy&) {
  const auto& a = step.attrs->as<AvgPool2dGradAttrs>();
  if (a.include_pad && overhangs(a.window(), a.input, extent_of(*step.operands[0]))) {
    return reference_capability(step, kOverhang);
  }
  for (const std::string& tag : {step.operands[0]->layout.tag, std::string()}) {
    const TensorType grad_y = in_tag(*step.operands[0], tag), grad_x = in_tag(*step.results[0], tag);
    const auto pd = pooling_backward(pooling(step), grad_x, grad_y);
    if (!pd) continue;
    Capability answer;
    describe(answer, pd);
    answer.operands = {grad_y.layout};
    answer.results = {grad_x.layout};
    return answer;
  }
  return reference_capability(step, "oneDNN has no gradient of average pooling for these extents");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext& context) {
  const auto& a = step.attrs->as<AvgPool2dGradAttrs>();
  const bool by_loop = a.include_pad && overhangs(a.window(), a.input, extent_of(*step.operands[0]));
  const auto pd = pooling_backward(pooling(step), *step.results[0], *step.operands[0]);
  if (by_loop || !pd) return reference_kernel(step);
  auto kernel = std::make_unique<PrimitiveKernel>(context, dnnl::pooling_backward(pd), pd.scratchpad_desc());
  kernel->operand(DNNL_ARG_DIFF_DST, 0, pd.diff_dst_desc()).result(DNNL_ARG_DIFF_SRC, 0, pd.diff_src_desc());
  return kernel;
}

}  // namespace

const KernelDef& avg_pool2d_grad() {
  static const KernelDef def{"avg_pool2d_grad", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
