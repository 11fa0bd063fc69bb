// SPDX-License-Identifier: Apache-2.0
#include "step_view.h"

#include <algorithm>

namespace fcngraph {

namespace {

bool is_updated(const Graph& graph, ValueId id) {
  const auto& uses = graph.value(id).uses;
  return std::any_of(uses.begin(), uses.end(),
                     [&](const Use& use) { return graph.node(use.node).phase == Phase::update; });
}

}  // namespace

StepView step_view(const Graph& graph, const Node& node) {
  StepView view{node.name, node.op, &node.attrs, {}, {}, node.body.get()};
  for (const ValueId id : node.operands) {
    view.operands.push_back(id.valid() ? &graph.value(id).type : nullptr);
    view.trained.push_back(id.valid() && graph.value(id).role == Role::parameter && is_updated(graph, id));
  }
  const auto& updates = node.op->updates;
  for (std::size_t r = 0; r < node.results.size(); ++r) {
    const Value& value = graph.value(node.results[r]);
    const bool updates_state =
        std::any_of(updates.begin(), updates.end(), [&](const StateUpdate& update) { return update.result == r; });
    const bool used = updates_state || !value.uses.empty() || graph.is_output(node.results[r]);
    view.results.push_back(used ? &value.type : nullptr);
  }
  return view;
}

}  // namespace fcngraph
