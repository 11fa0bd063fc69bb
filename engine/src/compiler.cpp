// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/compiler.h>

#include <fcngraph/engine/passes.h>

#include "build_plan.h"
#include "split_graph.h"

namespace fcngraph {
namespace {

/// The table of contents of the compiler. Shapes are inferred as nodes are added, so the first pass already sees types.
std::vector<Pass> pipeline(Mode mode) {
  std::vector<Pass> passes;
  const auto then = [&](std::string_view name, bool (*run)(Rewriter&, const PassContext&)) {
    passes.push_back({name, run});
  };

  // Before differentiate: what is not needed has no gradient, and dropout at inference is gone.
  then("drop_identities", drop_identities);
  then("merge_duplicates", merge_duplicates);
  then("eliminate_dead", eliminate_dead);
  // Before differentiate, so that gradients take the cheap way too; what is frozen then is small where it is cut.
  then("commute_score_upsample", commute_score_upsample);
  if (mode == Mode::train) {
    then("differentiate", differentiate);
    then("insert_updates", insert_updates);
    // Gradients of heads that share a part repeat nodes.
    then("merge_duplicates", merge_duplicates);
    then("eliminate_dead", eliminate_dead);
  }
  // Before any fusion: what is kept of a sample is a value of the model, and no fused node straddles the cut.
  then("split_frontier", split_frontier);
  // After differentiate, which refuses fused nodes; before layouts, which the fused kernel chooses.
  then("fuse_epilogues", fuse_epilogues);
  then("fuse_regions", fuse_regions);
  then("assign_layouts", assign_layouts);
  then("split_setup", split_setup);
  return passes;
}

void lower(Graph& graph, const CompilerOptions& options) {
  FCNGRAPH_ASSERT(options.context.backend != nullptr && options.context.ops != nullptr,
                  "compile needs a backend and an op table");
  verify(graph, "its construction");
  PassPipeline(pipeline(options.context.mode)).run(graph, options.context, options.observer);
}

// What is done to each plan by itself.
Plan schedule(Graph graph, const CompilerOptions& options) {
  PassPipeline({{"order_steps", order_steps}}).run(graph, options.context, options.observer);
  return build_plan(std::move(graph), options.context);
}

}  // namespace

Plan compile(Graph graph, const CompilerOptions& options) {
  lower(graph, options);
  return schedule(std::move(graph), options);
}

SplitPlans compile_split(Graph graph, const CompilerOptions& options) {
  lower(graph, options);
  auto features = split_features(graph);
  SplitPlans plans;
  if (features) plans.features = schedule(std::move(*features), options);
  plans.step = schedule(std::move(graph), options);
  return plans;
}

}  // namespace fcngraph
