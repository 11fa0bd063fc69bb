// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/passes.h>

namespace fcngraph {

/// Whether a reader of that phase takes the value from what is kept of a sample.
bool crosses_cut(const Graph& graph, ValueId value, Phase reader);

/// Whether the reader takes the value as it is kept, by sample, although it does not lie by sample where it is made.
bool is_kept_otherwise(const Graph& graph, ValueId value, Phase reader);

/// The backend's answer to a node as its operands lie now, those behind the cut as they are kept. assign_layouts and
/// insert_reorders ask the same question, so that a graph between the two needs to say no more than how its values lie.
Capability layout_answer(const Graph& graph, NodeId node, const PassContext& context);

}  // namespace fcngraph
