// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/compiler.h>

#include <fcngraph/engine/passes.h>

#include "build_plan.h"

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
  if (mode == Mode::train) {
    then("differentiate", differentiate);
    then("accumulate_gradients", accumulate_gradients);
    then("insert_updates", insert_updates);
    // Gradients of heads that share a part repeat nodes.
    then("merge_duplicates", merge_duplicates);
    then("eliminate_dead", eliminate_dead);
  }
  // After differentiate, which refuses fused nodes; before layouts, which the fused kernel chooses.
  then("fuse_epilogues", fuse_epilogues);
  // After everything that merges equal nodes, and before layouts and kernels, which follow the same rules for both.
  if (mode == Mode::train) then("recompute", recompute);
  then("assign_layouts", assign_layouts);
  then("split_setup", split_setup);
  then("order_steps", order_steps);
  return passes;
}

}  // namespace

Plan compile(Graph graph, const CompilerOptions& options) {
  FCNGRAPH_ASSERT(options.context.backend != nullptr && options.context.ops != nullptr,
                  "compile needs a backend and an op table");
  verify(graph, "its construction");
  PassPipeline(pipeline(options.context.mode)).run(graph, options.context, options.observer);
  return build_plan(std::move(graph), options.context);
}

}  // namespace fcngraph
