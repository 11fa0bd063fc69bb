// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/pool2d.h>

#include "pooling.h"
#include "primitive_kernel.h"

namespace fcngraph::onednn::kernels {
namespace {

bool keeps_indices(const StepView& step) { return step.results.size() > 1 && step.results[1] != nullptr; }

Pooling pooling(const StepView& step) {
  const Window w = step.attrs->as<MaxPool2dAttrs>().window();
  return {dnnl::algorithm::pooling_max,
          {w.kernel.h, w.kernel.w},
          geometry_of(w, extent_of(*step.operands[0]), extent_of(*step.results[0])),
          keeps_indices(step)};
}

Capability capability(const StepView& step, const KernelPolicy&) {
  if (step.results[0] == nullptr) return Capability::no("nobody uses its result");
  // The layout of x as it comes, or plain.
  for (const std::string& tag : {step.operands[0]->layout.tag, std::string()}) {
    const TensorType x = in_tag(*step.operands[0], tag), y = in_tag(*step.results[0], tag);
    const auto pd = pooling_forward(pooling(step), x, y);
    if (!pd) continue;
    Capability answer;
    describe(answer, pd);
    answer.operands = {x.layout};
    answer.results = {y.layout};
    if (keeps_indices(step)) answer.results.push_back(workspace_layout(pd, y.layout));
    return answer;
  }
  return Capability::no("oneDNN has no max pooling for these extents");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext& context) {
  const auto pd = pooling_forward(pooling(step), *step.operands[0], *step.results[0]);
  if (!pd) return nullptr;
  auto kernel = std::make_unique<PrimitiveKernel>(context, dnnl::pooling_forward(pd), pd.scratchpad_desc());
  kernel->operand(DNNL_ARG_SRC, 0, pd.src_desc()).result(DNNL_ARG_DST, 0, pd.dst_desc());
  if (keeps_indices(step)) kernel->result(DNNL_ARG_WORKSPACE, 1, pd.workspace_desc());
  return kernel;
}

}  // namespace

const KernelDef& max_pool2d() {
  static const KernelDef def{"max_pool2d", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
