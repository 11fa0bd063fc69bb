// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include <fcngraph/engine/backend.h>

#include "loop_kernel.h"

namespace fcngraph::onednn {

/// The answer for a reorder of plain weights to a layout of our own: one that `packing_of` knows. Empty for others.
template <class PackingOf>
std::optional<Capability> pack_capability(const StepView& step, const PackingOf& packing_of, const char* kernel) {
  const TensorType &from = *step.operands[0], &to = *step.results[0];
  if (!packing_of(to.layout) || !from.layout.is_plain()) return std::nullopt;
  Capability answer;
  answer.supported = true;
  answer.kernel = kernel;
  answer.operands = {from.layout};
  answer.results = {to.layout};
  return answer;
}

/// Its kernel, `pack(type, packing, from, to)`; null for others.
template <class PackingOf, class Pack>
std::unique_ptr<Kernel> prepare_pack(const StepView& step, const PackingOf& packing_of, const Pack& pack) {
  const TensorType& from = *step.operands[0];
  const auto packing = packing_of(step.results[0]->layout);
  if (!packing || !from.layout.is_plain()) return nullptr;
  return loop_kernel([from, packing = *packing, pack](const LaunchArgs& args) {
    pack(from, packing, input(args, 0), args.results[0]);
  });
}

}  // namespace fcngraph::onednn
