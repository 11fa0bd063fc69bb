// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {

bool eliminate_dead(Rewriter& rewriter, const PassContext&) {
  bool changed = false;
  const std::vector<NodeId> order = rewriter.graph().order();
  for (auto id = order.rbegin(); id != order.rend(); ++id) {
    const Node& node = rewriter.graph().node(*id);
    bool used = !node.op->updates.empty();
    for (const ValueId result : node.results) {
      used = used || !rewriter.graph().value(result).uses.empty() || rewriter.graph().is_output(result);
    }
    if (used) continue;
    rewriter.erase(*id);
    changed = true;
  }
  return changed;
}

}  // namespace fcngraph
