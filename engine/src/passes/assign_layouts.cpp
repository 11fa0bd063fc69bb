// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/reorder.h>
#include <fcngraph/engine/passes.h>

#include "layout_answer.h"

namespace fcngraph {

bool assign_layouts(Rewriter& rewriter, const PassContext& context) {
  const Graph& graph = rewriter.graph();
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (node.op == &ops::reorder()) continue;  // its layout is what it is there for
    const Capability answer = layout_answer(graph, id, context);
    if (!answer.supported) {
      rewriter.diagnostics().error("E0303", node.span,
                                   "node '" + node.name + "': backend '" + std::string(context.backend->name()) +
                                       "' cannot run '" + node.op->name + "': " + answer.reason);
      continue;
    }
    for (std::size_t r = 0; r < node.results.size(); ++r)
      rewriter.set_layout(node.results[r], r < answer.results.size() ? answer.results[r] : Layout{});
  }
  return rewriter.changed();
}

}  // namespace fcngraph
