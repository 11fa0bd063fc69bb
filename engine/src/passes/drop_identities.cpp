// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {

bool drop_identities(Rewriter& rewriter, const PassContext& context) {
  if (context.mode == Mode::train) return false;
  bool changed = false;
  const std::vector<NodeId> order = rewriter.graph().order();
  for (const NodeId id : order) {
    const Node& node = rewriter.graph().node(id);
    if (!node.op->identity_at_inference) continue;
    const ValueId operand = node.operands[0];
    rewriter.replace_uses(node.results[0], operand);
    rewriter.erase(id, operand);
    changed = true;
  }
  return changed;
}

}  // namespace fcngraph
