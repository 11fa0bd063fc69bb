// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/region.h>

#include <omp.h>

#include "elementwise.h"
#include "fused_loss.h"
#include "kernel_def.h"

namespace fcngraph::onednn::kernels {
namespace {

FusedLoss fused_loss(const FusedLossBody& body, const StepView& step) {
  return {body, step.operands[static_cast<std::size_t>(body.score)]->shape,
          step.operands[static_cast<std::size_t>(body.labels)]->shape, omp_get_max_threads()};
}

Capability capability(const StepView& step, const KernelPolicy&) {
  if (step.body == nullptr) return Capability::no("a region has no body");
  const FusedLossReading reading = read_fused_loss(*step.body);
  if (!reading.mistake.empty()) return Capability::no(reading.mistake);
  return plain_capability(step, "fused loss", "logits are made, used and forgotten row by row",
                          fused_loss(reading.body, step).workspace());
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const FusedLossReading reading = read_fused_loss(*step.body);
  if (!reading.mistake.empty()) return nullptr;
  return loop_kernel([loss = fused_loss(reading.body, step)](const LaunchArgs& args) { loss.run(args); });
}

}  // namespace

const KernelDef& region() {
  static const KernelDef def{"region", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
