// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/compiler.h>

#include "build_plan.h"
#include "split_graph.h"

namespace fcngraph {
namespace {

/// The table of contents of the compiler.
std::vector<Pass> pipeline(Mode mode) {
  std::vector<Pass> passes;
  const auto then = [&](std::string_view name) { passes.push_back(find_pass(name)); };

  then("infer_shapes");
  then("align_crops");
  // Before differentiate: what is not needed has no gradient, and dropout at inference is gone.
  then("drop_identities");
  then("merge_duplicates");
  then("eliminate_dead");
  then("fold_constants");
  // Before differentiate, so that gradients take the cheap way too; what is frozen then is small where it is cut.
  then("commute_score_upsample");
  if (mode == Mode::train) {
    then("differentiate");
    then("accumulate_gradients");
    then("insert_updates");
    // Gradients of heads that share a part repeat nodes.
    then("merge_duplicates");
    then("eliminate_dead");
  }
  then("apply_precision_policy");
  // Before any fusion: what is kept of a sample is a value of the model, and no fused node straddles the cut.
  then("split_frontier");
  // After differentiate, which refuses fused nodes; before layouts, which the fused kernel chooses.
  then("fuse_epilogues");
  then("fuse_regions");
  // After everything that merges equal nodes, and before layouts and kernels, which follow the same rules for both.
  if (mode == Mode::train) then("recompute");
  then("assign_layouts");
  then("insert_reorders");
  then("choose_kernels");
  then("split_setup");
  return passes;
}

void run_passes(Graph& graph, std::vector<Pass> passes, const CompilerOptions& options) {
  FCNGRAPH_ASSERT(options.context.backend != nullptr && options.context.ops != nullptr,
                  "compile needs a backend and an op table");
  verify(graph, "its construction");
  PassPipeline(std::move(passes)).run(graph, options.context, options.pipeline);
}

void expect_all_passes(const CompilerOptions& options) {
  if (!options.pipeline.stop_after.empty())
    throw GraphError("a plan needs every pass: what is there after '" + options.pipeline.stop_after + "' is a graph");
}

// What is done to each plan by itself.
Plan schedule(Graph graph, const PassContext& context) {
  PassPipeline({find_pass("order_steps")}).run(graph, context);
  return build_plan(std::move(graph), context);
}

}  // namespace

void lower(Graph& graph, const CompilerOptions& options) {
  std::vector<Pass> passes = pipeline(options.context.mode);
  passes.push_back(find_pass("order_steps"));
  run_passes(graph, std::move(passes), options);
}

Plan compile(Graph graph, const CompilerOptions& options) {
  expect_all_passes(options);
  lower(graph, options);
  return build_plan(std::move(graph), options.context);
}

SplitPlans compile_split(Graph graph, const CompilerOptions& options) {
  expect_all_passes(options);
  run_passes(graph, pipeline(options.context.mode), options);
  auto features = split_features(graph);
  SplitPlans plans;
  if (features) plans.features = schedule(std::move(*features), options.context);
  plans.step = schedule(std::move(graph), options.context);
  return plans;
}

}  // namespace fcngraph
