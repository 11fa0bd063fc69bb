// SPDX-License-Identifier: Apache-2.0
#pragma once

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

}  // namespace fcngraph
