// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/optimizer.h>

#include "adam_kernel.h"
#include "elementwise.h"
#include "kernel_def.h"

namespace fcngraph::onednn::kernels {
namespace {

Capability capability(const StepView& step, const KernelPolicy&) {
  return plain_capability(step, "loop", "one pass over memory, in place");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const auto& a = step.attrs->as<AdamAttrs>();
  return adam_kernel(step, a, 0.0);
}

}  // namespace

const KernelDef& adam() {
  static const KernelDef def{"adam", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
