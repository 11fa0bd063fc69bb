// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fcngraph/engine/text.h>

namespace fcngraph {
namespace {

std::string attrs_text(const Node& node) {
  AttrMap map = node.attrs.to_map();
  for (const AttrDoc& doc : node.op->schema.fields) {
    const auto found = map.find(doc.name);
    if (found != map.end() && !doc.required && found->second == doc.default_value) map.erase(found);
  }
  if (map.empty()) return {};
  std::string out = " {";
  for (const auto& [key, value] : map) out += (out.size() > 2 ? ", " : "") + key + " = " + to_string(value);
  return out + "}";
}

std::string operands_text(const Graph& graph, const Node& node) {
  std::size_t count = node.operands.size();
  while (count > 0 && !node.operands[count - 1].valid()) --count;
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += (i > 0 ? ", " : "") + (node.operands[i].valid() ? graph.value(node.operands[i]).name : std::string("_"));
  }
  return out;
}

std::string types_text(const Graph& graph, const Node& node) {
  std::string out;
  for (const ValueId r : node.results) out += (out.empty() ? "" : ", ") + to_string(graph.value(r).type);
  return out;
}

std::string declaration(const Graph& graph, Role role, const char* word) {
  std::string out;
  for (const ValueId id : graph.values_with(role)) {
    const Value& value = graph.value(id);
    if (value.uses.empty() && !graph.is_output(id)) continue;
    out += std::string("  ") + (value.trainable ? "trainable " : "") + word + " " + value.name + " : " +
           to_string(value.type) + "\n";
  }
  return out;
}

constexpr std::string_view phase_name(Phase phase) {
  constexpr std::array names{"feature", "forward", "backward", "update", "setup", "recompute"};
  return names[static_cast<std::size_t>(phase)];
}

}  // namespace

std::string to_text(const Graph& graph) {
  std::string out = "graph " + graph.name() + " {\n";
  out += declaration(graph, Role::input, "input") + declaration(graph, Role::parameter, "parameter") +
         declaration(graph, Role::state, "state") + declaration(graph, Role::constant, "constant");
  Phase phase = Phase::forward;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (node.phase != phase) out += "  # " + std::string(phase_name(phase = node.phase)) + "\n";
    out += "  " + node.name + " = " + node.op->name + "(" + operands_text(graph, node) + ")" + attrs_text(node) +
           " : " + types_text(graph, node);
    if (!node.kernel.empty()) out += "  # " + node.kernel;
    out += "\n";
  }
  for (const auto& [name, value] : graph.outputs()) out += "  output " + name + " = " + graph.value(value).name + "\n";
  return out + "}\n";
}

std::string to_text(const Plan& plan) {
  std::string out = "plan " + plan.graph.name() + " on " + plan.backend + ": arena " + human_bytes(plan.arena_bytes) +
                    ", resident " + human_bytes(plan.resident_bytes) + ", saved " + human_bytes(plan.saved_bytes) +
                    "\n";
  for (const Step& step : plan.steps) {
    const Node& node = plan.graph.node(step.node);
    std::string place;
    if (!step.results.empty() && step.results[0] >= 0) {
      const Slot& slot = plan.slots[step.results[0]];
      place = slot.storage == Storage::arena      ? "@" + std::to_string(slot.offset)
              : slot.storage == Storage::resident ? "@resident"
                                                  : "@saved";
    }
    out += "  " + std::string(phase_name(step.phase)) + " " + step.name + " = " + node.op->name + attrs_text(node) +
           " : " + types_text(plan.graph, node) + " " + place + " by " + step.kernel + "\n";
  }
  return out;
}

}  // namespace fcngraph
