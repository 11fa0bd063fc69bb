// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/passes.h>

#include "../reuse_buffers.h"

namespace fcngraph {
namespace {

int rank_of(Phase phase) {
  switch (phase) {
    case Phase::setup:
      return 0;
    case Phase::feature:
    case Phase::forward:
    case Phase::backward:
    case Phase::recompute:
      return 1;
    case Phase::update:
      return 2;
  }
  return 1;
}

/// What has to come before what: results before their readers, and readers of a saved tensor on the side of its update on
/// which they were written.
struct Dependencies {
  std::vector<std::vector<NodeId>> after, before;  // by node

  Dependencies(const Graph& graph, const std::vector<NodeId>& written)
      : after(graph.node_count()), before(graph.node_count()) {
    std::vector<std::size_t> position(graph.node_count(), 0);
    for (std::size_t i = 0; i < written.size(); ++i) position[written[i].index] = i;
    for (const NodeId id : written) {
      const Node& node = graph.node(id);
      for (const ValueId operand : node.operands) {
        if (operand.valid() && graph.value(operand).producer.valid()) add(graph.value(operand).producer, id);
      }
      for (const StateUpdate& update : node.op->updates) {
        const ValueId state = node.operands[update.operand];
        if (!state.valid()) continue;
        for (const Use& use : graph.value(state).uses) {
          if (use.node == id) continue;
          const bool earlier = position[use.node.index] < position[id.index];
          add(earlier ? use.node : id, earlier ? id : use.node);
        }
      }
    }
  }

 private:
  void add(NodeId first, NodeId then) {
    after[first.index].push_back(then);
    before[then.index].push_back(first);
  }
};

/// List scheduling: of the nodes that are ready, the one after which least is live; ties by the order as written. Forwards,
/// a node is ready when what it reads is made; backwards, when everything that reads it has its place.
class ListScheduling {
 public:
  ListScheduling(const Graph& graph, const std::vector<NodeId>& written, const Dependencies& dependencies,
                 bool backwards)
      : graph_(graph),
        written_(written),
        backwards_(backwards),
        waits_for_(backwards ? dependencies.after : dependencies.before),
        releases_(backwards ? dependencies.before : dependencies.after),
        bytes_(graph.value_count(), 0),
        readers_left_(graph.value_count(), 0),
        key_(graph.node_count()) {
    for (std::size_t i = 0; i < written.size(); ++i) {
      const Node& node = graph.node(written[i]);
      const auto position = static_cast<std::int64_t>(i);
      const int rank = rank_of(node.phase);
      key_[written[i].index] = {backwards ? -rank : rank, 0, backwards ? -position : position, written[i]};
      for (const ValueId operand : distinct(node.operands)) ++readers_left_[operand.index];
      if (node.phase == Phase::setup) continue;
      for (const ValueId result : node.results) bytes_[result.index] = bytes_of(graph.value(result).type);
    }
    // An output has a reader after the end.
    for (const auto& [name, value] : graph.outputs()) ++readers_left_[value.index];
    readers_ = readers_left_;
  }

  std::vector<NodeId> run() {
    std::vector<std::size_t> waiting(graph_.node_count(), 0);
    for (const NodeId id : written_) {
      waiting[id.index] = waits_for_[id.index].size();
      if (waiting[id.index] == 0) make_ready(id);
    }
    std::vector<NodeId> order;
    while (!ready_.empty()) {
      const NodeId id = ready_.begin()->node;
      ready_.erase(ready_.begin());
      order.push_back(id);
      count_readers(id);
      for (const NodeId other : releases_[id.index]) {
        if (--waiting[other.index] == 0) make_ready(other);
      }
    }
    if (backwards_) std::reverse(order.begin(), order.end());
    return order;
  }

 private:
  struct Key {
    int rank = 0;
    std::int64_t growth = 0;
    std::int64_t position = 0;
    NodeId node;
    auto operator<=>(const Key&) const = default;
  };

  static std::vector<ValueId> distinct(std::vector<ValueId> values) {
    std::erase_if(values, [](ValueId id) { return !id.valid(); });
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
  }

  // Bytes that become live when the node gets its place, less those that cease to be.
  std::int64_t growth(NodeId id) const {
    std::int64_t made = 0, read = 0;
    for (const ValueId result : graph_.node(id).results) made += bytes_[result.index];
    for (const ValueId operand : distinct(graph_.node(id).operands)) {
      // Forwards, the last reader frees; backwards, the first that is placed keeps.
      const bool decides =
          backwards_ ? readers_left_[operand.index] == readers_[operand.index] : readers_left_[operand.index] == 1;
      if (decides && !(backwards_ && graph_.is_output(operand))) read += bytes_[operand.index];
    }
    return backwards_ ? read - made : made - read;
  }

  void make_ready(NodeId id) {
    key_[id.index].growth = growth(id);
    ready_.insert(key_[id.index]);
  }

  void count_readers(NodeId id) {
    for (const ValueId operand : distinct(graph_.node(id).operands)) {
      const std::int32_t left = --readers_left_[operand.index];
      // Only these two counts change what another reader is worth, and each is passed once.
      if (bytes_[operand.index] == 0 || left != (backwards_ ? readers_[operand.index] - 1 : 1)) continue;
      for (const Use& use : graph_.value(operand).uses) {
        const auto found = ready_.find(key_[use.node.index]);
        if (found == ready_.end()) continue;
        ready_.erase(found);
        make_ready(use.node);
      }
    }
  }

  const Graph& graph_;
  const std::vector<NodeId>& written_;
  const bool backwards_;
  const std::vector<std::vector<NodeId>>& waits_for_;
  const std::vector<std::vector<NodeId>>& releases_;
  std::vector<std::int64_t> bytes_;         // by value; 0 where it is not in the arena
  std::vector<std::int32_t> readers_left_;  // by value
  std::vector<std::int32_t> readers_;       // by value, all of them
  std::vector<Key> key_;                    // by node, as in ready_
  std::set<Key> ready_;
};

std::int64_t peak_of(const Graph& graph, const std::vector<NodeId>& order) {
  return live_peak(reuse_buffers(graph, order).intervals);
}

}  // namespace

bool order_steps(Rewriter& rewriter, const PassContext&) {
  const Graph& graph = rewriter.graph();
  const std::vector<NodeId> before = graph.order();
  std::vector<NodeId> best = before;
  std::stable_sort(best.begin(), best.end(),
                   [&](NodeId a, NodeId b) { return rank_of(graph.node(a).phase) < rank_of(graph.node(b).phase); });
  const std::vector<NodeId> written = best;
  const Dependencies dependencies(graph, written);
  std::int64_t least = peak_of(graph, written);
  for (const bool backwards : {false, true}) {
    std::vector<NodeId> order = ListScheduling(graph, written, dependencies, backwards).run();
    FCNGRAPH_ASSERT(order.size() == written.size(), "the graph has a cycle");
    const std::int64_t peak = peak_of(graph, order);
    if (peak >= least) continue;
    least = peak;
    best = std::move(order);
  }
  rewriter.set_order(best);
  return best != before;
}

}  // namespace fcngraph
