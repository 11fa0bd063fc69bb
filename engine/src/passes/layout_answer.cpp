// SPDX-License-Identifier: Apache-2.0
#include "layout_answer.h"

#include "../step_view.h"

namespace fcngraph {

bool crosses_cut(const Graph& graph, ValueId value, Phase reader) {
  const NodeId producer = graph.value(value).producer;
  return producer.valid() && graph.node(producer).phase == Phase::feature && reader != Phase::feature;
}

bool is_kept_otherwise(const Graph& graph, ValueId value, Phase reader) {
  return crosses_cut(graph, value, reader) && !samples_lie_apart(graph.value(value).type);
}

Capability layout_answer(const Graph& graph, NodeId id, const PassContext& context) {
  const Node& node = graph.node(id);
  StepView view = step_view(graph, node);
  std::vector<TensorType> kept;
  kept.reserve(node.operands.size());
  for (std::size_t i = 0; i < node.operands.size(); ++i) {
    if (!node.operands[i].valid() || !is_kept_otherwise(graph, node.operands[i], node.phase)) continue;
    kept.push_back(*view.operands[i]);
    kept.back().layout = {};
    view.operands[i] = &kept.back();
  }
  return context.backend->capability(view, context.policy);
}

}  // namespace fcngraph
