// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {

bool split_setup(Rewriter& rewriter, const PassContext&) {
  const Graph& graph = rewriter.graph();
  std::vector<bool> fixed(graph.value_count(), false);
  for (const Role role : {Role::constant, Role::parameter, Role::state}) {
    for (const ValueId id : graph.values_with(role)) fixed[id.index] = true;
  }
  // What an update changes is not fixed, trainable or not.
  for (const NodeId id : graph.order()) {
    for (const StateUpdate& update : graph.node(id).op->updates) {
      if (const ValueId operand = graph.node(id).operands[update.operand]; operand.valid())
        fixed[operand.index] = false;
    }
  }
  bool changed = false;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node& node = graph.node(id);
    bool all = node.op->updates.empty() && !node.operands.empty();
    for (const ValueId operand : node.operands) all = all && (!operand.valid() || fixed[operand.index]);
    if (!all) continue;
    for (const ValueId result : node.results) fixed[result.index] = true;
    changed = changed || node.phase != Phase::setup;
    rewriter.set_phase(id, Phase::setup);
  }
  return changed;
}

}  // namespace fcngraph
