// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/reorder.h>
#include <fcngraph/engine/passes.h>

#include "../step_view.h"

namespace fcngraph {
namespace {

// The layout of an absent tensor is nobody's business.
bool lies_as(const Graph& graph, ValueId value, const std::vector<Layout>& layouts, std::size_t i) {
  return !value.valid() || graph.value(value).type.layout.tag == (i < layouts.size() ? layouts[i].tag : std::string());
}

bool lies_as_answered(const Graph& graph, const Node& node, const Capability& answer) {
  if (node.op == &ops::reorder()) return true;  // it goes from any layout to any other
  for (std::size_t i = 0; i < node.operands.size(); ++i) {
    if (!lies_as(graph, node.operands[i], answer.operands, i)) return false;
  }
  for (std::size_t r = 0; r < node.results.size(); ++r) {
    if (!lies_as(graph, node.results[r], answer.results, r)) return false;
  }
  return true;
}

}  // namespace

bool choose_kernels(Rewriter& rewriter, const PassContext& context) {
  const Graph& graph = rewriter.graph();
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    StepView view = step_view(graph, node);
    view.layouts_are_final = true;
    const Capability answer = context.backend->capability(view, context.policy);
    FCNGRAPH_ASSERT(answer.supported && lies_as_answered(graph, node, answer),
                    "backend '" + std::string(context.backend->name()) + "' has another answer for node '" + node.name +
                        "' when it lies as it asked for: " + answer.reason);
    rewriter.set_kernel(id, answer.kernel, answer.reason, answer.workspace);
  }
  return rewriter.changed();
}

}  // namespace fcngraph
