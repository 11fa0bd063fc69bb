// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <fcngraph/engine/graph.h>

namespace fcngraph {

/// Takes the nodes of `Phase::feature` out of a lowered graph, where inputs of the same names stand in for what others read of
/// them; returns the graph that makes those values, its outputs. Nothing where the graph has no such node.
std::optional<Graph> split_features(Graph& graph);

}  // namespace fcngraph
