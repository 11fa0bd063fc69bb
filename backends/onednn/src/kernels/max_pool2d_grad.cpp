// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/pool2d.h>

#include "pooling.h"
#include "primitive_kernel.h"

namespace fcngraph::onednn::kernels {
namespace {

enum Operand : std::size_t { kGradY, kIndices };

Pooling pooling(const StepView& step) {
  const auto& a = step.attrs->as<MaxPool2dGradAttrs>();
  const Window w = a.window();
  return {dnnl::algorithm::pooling_max,
          {w.kernel.h, w.kernel.w},
          geometry_of(w, a.input, extent_of(*step.operands[kGradY]))};
}

Capability capability(const StepView& step, const KernelPolicy&) {
  const Layout& indices = step.operands[kIndices]->layout;
  const auto tag = workspace_tag(indices);
  if (!tag) return Capability::no("its indices were not written by this backend's max_pool2d");
  const TensorType grad_y = in_tag(*step.operands[kGradY], *tag), grad_x = in_tag(*step.results[0], *tag);
  const auto pd = pooling_backward(pooling(step), grad_x, grad_y);
  if (!pd) return Capability::no("oneDNN has no gradient of max pooling for these extents");
  Capability answer;
  describe(answer, pd);
  answer.operands = {grad_y.layout, indices};
  answer.results = {grad_x.layout};
  return answer;
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext& context) {
  const auto pd = pooling_backward(pooling(step), *step.results[0], *step.operands[kGradY]);
  if (!pd) return nullptr;
  auto kernel = std::make_unique<PrimitiveKernel>(context, dnnl::pooling_backward(pd), pd.scratchpad_desc());
  kernel->operand(DNNL_ARG_DIFF_DST, kGradY, pd.diff_dst_desc())
      .operand(DNNL_ARG_WORKSPACE, kIndices, pd.workspace_desc())
      .result(DNNL_ARG_DIFF_SRC, 0, pd.diff_src_desc());
  return kernel;
}

}  // namespace

const KernelDef& max_pool2d_grad() {
  static const KernelDef def{"max_pool2d_grad", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
