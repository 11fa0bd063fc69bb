// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <fcngraph/engine/graph.h>

#include "place_buffers.h"

namespace fcngraph {

/// What of a schedule needs memory, and when.
struct BufferUse {
  std::vector<Interval> intervals;      ///< one a buffer: from the step that first writes it to the last that reads it
  std::vector<std::int32_t> of_value;   ///< which buffer a value lies in; -1: none of the arena's
  std::vector<std::int32_t> last_read;  ///< the last step that reads a value; -1: none does
  std::vector<std::int32_t> of_position;  ///< the workspace of the step at that position; -1: it has none
};

/// The buffers of a schedule. A step whose op allows it writes over an operand that nothing reads afterwards: the two values
/// share a buffer then. Outputs stay until the end. Saved, resident and constant tensors, inputs and results that nobody
/// wants are none of the arena's.
BufferUse reuse_buffers(const Graph& graph, std::span<const NodeId> order);

/// Whether result `r` of the node needs a place: it is read, or it is the first one, which every kernel writes.
bool is_made(const Graph& graph, const Node& node, std::size_t r);

}  // namespace fcngraph
