// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <fcngraph/engine/pass.h>
#include <fcngraph/engine/plan.h>

namespace fcngraph {

struct CompilerOptions {
  PassContext context;
  PipelineOptions pipeline = {};
};

/// Runs the passes that make a graph ready for a plan, all of them or as many as the options say. Throws GraphError with every
/// finding: shapes that do not meet, a step that the backend cannot run and why.
FCNGRAPH_API void lower(Graph& graph, const CompilerOptions& options);

/// Lowers a graph to a plan for the backend of the context. Throws like `lower`, and when the options stop before the end.
FCNGRAPH_API Plan compile(Graph graph, const CompilerOptions& options);

/// A plan in two at the cut of split_frontier: `features` makes, from the image, the values at the cut, its outputs; `step` reads
/// them as inputs of the same names, in the layouts in which `features` leaves them, and does all else. Without a cut, `step` is
/// the whole plan. Kernels, layouts and so every bit are those of the plan that `compile` makes.
struct SplitPlans {
  std::optional<Plan> features;
  Plan step;
};

/// Lowers a graph to plans for what is kept by sample and for the rest. Throws as `compile` does.
FCNGRAPH_API SplitPlans compile_split(Graph graph, const CompilerOptions& options);

}  // namespace fcngraph
