// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fcngraph/dsl/build.h>

namespace fcngraph::dsl {
namespace {

/// Whether a parameter that trains reaches the loss.
bool something_trains(const Graph& graph) {
  std::vector<bool> trains(graph.value_count(), false);
  for (const ValueId id : graph.values_with(Role::parameter)) trains[id.index] = graph.value(id).trainable;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    const bool any = std::any_of(node.operands.begin(), node.operands.end(),
                                 [&](ValueId operand) { return operand.valid() && trains[operand.index]; });
    for (const ValueId result : node.results) trains[result.index] = any;
  }
  const ValueId loss = graph.find_value("loss");
  return loss.valid() && trains[loss.index];
}

}  // namespace

ModelSpec stage_spec(const ModelSpec& model, std::size_t index) {
  const StageSpec& stage = model.stages.at(index);
  ModelSpec spec = model;
  spec.stages.clear();
  spec.train = stage.train;
  spec.train.seed = model.train.seed;
  if (stage.trainable) spec.trainable = *stage.trainable;
  if (stage.heads.empty()) return spec;
  spec.heads.clear();
  for (const HeadSpec& head : model.heads) {
    const bool trains =
        std::any_of(stage.heads.begin(), stage.heads.end(), [&](const auto& name) { return *name == *head.name; });
    (trains ? spec.heads : spec.other_heads).push_back(head);
  }
  return spec;
}

void check_stage(const ModelSpec& model, std::size_t index, std::int64_t classes, const OpTable& ops,
                 Diagnostics& diagnostics) {
  const StageSpec& stage = model.stages.at(index);
  const std::size_t errors = diagnostics.error_count();
  BuildOptions options;
  options.mode = Mode::train;
  options.classes = classes;
  const Graph graph = build_graph(stage_spec(model, index), options, ops, diagnostics);
  if (diagnostics.error_count() != errors || something_trains(graph)) return;
  const bool own = stage.trainable.has_value();
  diagnostics.error("E0302", own ? stage.trainable->span : stage.span,
                    "stage '" + *stage.name + "' trains nothing: no parameter that its heads are made of is trainable",
                    own ? "for example trainable = [\"head:*\"]" : "give the stage 'trainable' of its own");
}

}  // namespace fcngraph::dsl
