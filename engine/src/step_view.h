// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/backend.h>

namespace fcngraph {

/// A node of a graph as a proposal to a backend. The view refers to the graph, and is gone with the next change.
StepView step_view(const Graph& graph, const Node& node);

}  // namespace fcngraph
