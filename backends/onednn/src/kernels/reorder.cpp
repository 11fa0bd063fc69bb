// SPDX-License-Identifier: Apache-2.0
#include "compat.h"
#include "convolution.h"
#include "fourier/kernel.h"
#include "kernel_def.h"
#include "layout.h"
#include "loop_kernel.h"
#include "parallel.h"
#include "primitive_kernel.h"
#include "winograd/kernel.h"

namespace fcngraph::onednn::kernels {
namespace {

dnnl::reorder::primitive_desc describe(const StepView& step) {
  const TensorType &from = *step.operands[0], &to = *step.results[0];
  const std::int64_t groups = std::max(groups_of(from.layout), groups_of(to.layout));  // a plain side does not say
  const auto from_desc = desc_of(from, groups), to_desc = desc_of(to, groups);
  if (!from_desc || !to_desc) return {};
  return compat::reorder(cpu_engine(), *from_desc, *to_desc);
}

Capability capability(const StepView& step, const KernelPolicy&) {
  const TensorType &from = *step.operands[0], &to = *step.results[0];
  Capability answer;
  answer.operands = {from.layout};
  answer.results = {to.layout};
  answer.supported = true;
  if (from.layout == to.layout) {
    answer.kernel = "copy";
    return answer;
  }
  if (auto packs = winograd::pack_capability(step)) return *packs;
  if (auto packs = fourier::pack_capability(step)) return *packs;
  const auto pd = describe(step);
  if (!pd) return Capability::no("no reorder from " + to_string(from) + " to " + to_string(to));
  onednn::describe(answer, pd);
  return answer;
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext& context) {
  const TensorType &from = *step.operands[0], &to = *step.results[0];
  if (from.layout == to.layout) {
    return loop_kernel([bytes = static_cast<std::size_t>(bytes_of(from))](const LaunchArgs& args) {
      copy_bytes(args.results[0], args.operands[0], bytes);
    });
  }
  if (auto packs = winograd::prepare_pack(step)) return packs;
  if (auto packs = fourier::prepare_pack(step)) return packs;
  const auto pd = describe(step);
  if (!pd) return nullptr;
  auto kernel = std::make_unique<PrimitiveKernel>(context, dnnl::reorder(pd), pd.scratchpad_desc());
  kernel->operand(DNNL_ARG_FROM, 0, pd.src_desc()).result(DNNL_ARG_TO, 0, pd.dst_desc());
  return kernel;
}

}  // namespace

const KernelDef& reorder() {
  static const KernelDef def{"reorder", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
