// SPDX-License-Identifier: Apache-2.0
#include "split_graph.h"

#include <fcngraph/engine/frontier.h>
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/passes.h>
#include <fcngraph/engine/rewriter.h>

namespace fcngraph {
namespace {

// Removes the nodes of which `goes` says so, readers first, and the setup steps that only they needed.
template <class Predicate>
void erase_nodes(Rewriter& rewriter, const Predicate& goes) {
  const std::vector<NodeId> order = rewriter.graph().order();
  for (auto id = order.rbegin(); id != order.rend(); ++id) {
    if (goes(rewriter.graph().node(*id).phase)) rewriter.erase(*id);
  }
  eliminate_dead(rewriter, {});
}

}  // namespace

std::optional<Graph> split_features(Graph& graph) {
  const std::vector<ValueId> cut = values_at_cut(graph);
  if (cut.empty()) return std::nullopt;
  Diagnostics diagnostics;
  Graph features = graph;
  Rewriter of_features(features, diagnostics);
  of_features.clear_outputs();
  for (const ValueId id : cut) of_features.set_output(graph.value(id).name, id);
  erase_nodes(of_features, [](Phase phase) { return phase != Phase::feature && phase != Phase::setup; });

  Rewriter of_rest(graph, diagnostics);
  for (const ValueId id : cut) of_rest.replace_by_input(id);
  erase_nodes(of_rest, [](Phase phase) { return phase == Phase::feature; });
  verify(features, "split_features");
  verify(graph, "split_features");
  return features;
}

}  // namespace fcngraph
