// SPDX-License-Identifier: Apache-2.0
#include "reuse_buffers.h"

#include <algorithm>

#include <fcngraph/engine/op.h>

namespace fcngraph {
namespace {

constexpr std::int32_t kNone = -1;

bool writes_state(const Node& node, std::size_t r) {
  return std::any_of(node.op->updates.begin(), node.op->updates.end(),
                     [&](const StateUpdate& update) { return update.result == r; });
}

class BufferSharing {
 public:
  BufferSharing(const Graph& graph, std::span<const NodeId> order) : graph_(graph), order_(order) {}

  BufferUse run() {
    use_.of_value.assign(graph_.value_count(), kNone);
    use_.of_position.assign(order_.size(), kNone);
    find_last_reads();
    for (std::size_t p = 0; p < order_.size(); ++p) add_step(static_cast<std::int32_t>(p));
    return std::move(use_);
  }

 private:
  void find_last_reads() {
    use_.last_read.assign(graph_.value_count(), kNone);
    for (std::size_t p = 0; p < order_.size(); ++p) {
      for (const ValueId operand : graph_.node(order_[p]).operands) {
        if (operand.valid()) use_.last_read[operand.index] = static_cast<std::int32_t>(p);
      }
    }
    for (const auto& [name, value] : graph_.outputs())
      use_.last_read[value.index] = static_cast<std::int32_t>(order_.size()) - 1;
  }

  void add_step(std::int32_t position) {
    const Node& node = graph_.node(order_[position]);
    if (node.workspace > 0) use_.of_position[position] = add(node.workspace, position, position);
    if (node.phase == Phase::setup) return;  // its results are resident
    for (std::size_t r = 0; r < node.results.size(); ++r) {
      if (writes_state(node, r) || !is_made(graph_, node, r)) continue;
      const ValueId result = node.results[r];
      const std::int32_t last = std::max(position, use_.last_read[result.index]);
      const std::int32_t taken = r == 0 ? in_place_of(node, position) : kNone;
      if (taken == kNone) {
        use_.of_value[result.index] = add(bytes_of(graph_.value(result).type), position, last);
      } else {
        use_.of_value[result.index] = taken;
        use_.intervals[taken].last = last;
      }
    }
  }

  // The buffer of the operand that the node may write over, where it dies here.
  std::int32_t in_place_of(const Node& node, std::int32_t position) const {
    if (!node.op->in_place || node.operands.empty() || !node.operands[0].valid()) return kNone;
    const ValueId from = node.operands[0];
    const std::int32_t buffer = use_.of_value[from.index];
    if (buffer == kNone || use_.intervals[buffer].last != position) return kNone;
    if (std::count(node.operands.begin(), node.operands.end(), from) > 1) return kNone;
    const bool same_size = bytes_of(graph_.value(from).type) == bytes_of(graph_.value(node.results[0]).type);
    return same_size ? buffer : kNone;
  }

  std::int32_t add(std::int64_t bytes, std::int32_t first, std::int32_t last) {
    use_.intervals.push_back({bytes, first, last, 0});
    return static_cast<std::int32_t>(use_.intervals.size()) - 1;
  }

  const Graph& graph_;
  std::span<const NodeId> order_;
  BufferUse use_;
};

}  // namespace

bool is_made(const Graph& graph, const Node& node, std::size_t r) {
  return r == 0 || !graph.value(node.results[r]).uses.empty() || graph.is_output(node.results[r]);
}

BufferUse reuse_buffers(const Graph& graph, std::span<const NodeId> order) { return BufferSharing(graph, order).run(); }

}  // namespace fcngraph
