// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/pass.h>
#include <fcngraph/engine/plan.h>

namespace fcngraph {

struct CompilerOptions {
  PassContext context;
  PassPipeline::Observer observer;
};

/// Lowers a graph to a plan for the backend of the context. Throws GraphError with every finding: shapes that do not meet,
/// a step that the backend cannot run and why.
FCNGRAPH_API Plan compile(Graph graph, const CompilerOptions& options);

}  // namespace fcngraph
