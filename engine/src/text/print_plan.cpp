// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/text.h>

#include "print_parts.h"
#include "words.h"

namespace fcngraph {
namespace {

std::string place_of(const Plan& plan, const Step& step) {
  if (step.results.empty() || step.results[0] < 0) return {};
  const Slot& slot = plan.slots[static_cast<std::size_t>(step.results[0])];
  if (slot.storage == Storage::arena) return " @" + std::to_string(slot.offset);
  return slot.storage == Storage::resident ? " @resident" : " @saved";
}

}  // namespace

std::string to_text(const Plan& plan) {
  std::string out = "fcngraph " + std::to_string(kTextFormat) + "\nplan " + text::name_text(plan.graph.name()) +
                    " on " + plan.backend + ": arena " + human_bytes(plan.arena_bytes) + ", resident " +
                    human_bytes(plan.resident_bytes) + ", saved " + human_bytes(plan.saved_bytes) + "\n";
  for (const Step& step : plan.steps) {
    const Node& node = plan.graph.node(step.node);
    std::string types;
    for (const ValueId r : node.results) types += (types.empty() ? "" : ", ") + to_string(plan.graph.value(r).type);
    out += std::string("  ") + text::kPhases[static_cast<std::size_t>(step.phase)] + " " + text::name_text(step.name) +
           " = " + node.op->name + text::attrs_text(node) + " : " + types + place_of(plan, step) + " by " +
           step.kernel + "\n";
  }
  return out;
}

}  // namespace fcngraph
