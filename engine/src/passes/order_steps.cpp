// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

int rank_of(Phase phase) {
  switch (phase) {
    case Phase::setup:
      return 0;
    case Phase::feature:
    case Phase::forward:
    case Phase::backward:
      return 1;
    case Phase::update:
      return 2;
  }
  return 1;
}

std::int64_t last_position(const Graph& graph, ValueId id, const std::vector<std::int64_t>& position) {
  std::int64_t last = -1;
  for (const Use& use : graph.value(id).uses) last = std::max(last, position[use.node.index]);
  return last;
}

std::int64_t peak_of(const Graph& graph, const std::vector<NodeId>& order) {
  std::vector<std::int64_t> position(graph.node_count(), -1);
  for (std::size_t i = 0; i < order.size(); ++i) position[order[i].index] = static_cast<std::int64_t>(i);
  std::vector<std::int64_t> delta(order.size() + 2, 0);
  for (const NodeId id : order) {
    if (graph.node(id).phase == Phase::setup) continue;
    for (const ValueId result : graph.node(id).results) {
      const std::int64_t from = position[id.index];
      const std::int64_t last = graph.is_output(result) ? static_cast<std::int64_t>(order.size()) - 1
                                                        : std::max(from, last_position(graph, result, position));
      delta[static_cast<std::size_t>(from)] += bytes_of(graph.value(result).type);
      delta[static_cast<std::size_t>(last) + 1] -= bytes_of(graph.value(result).type);
    }
  }
  std::int64_t live = 0, peak = 0;
  for (const std::int64_t d : delta) peak = std::max(peak, live += d);
  return peak;
}

// List scheduling: of the nodes that are ready, the one after which least is live; ties by the order as written.
std::vector<NodeId> greedy_order(const Graph& graph, const std::vector<NodeId>& written) {
  std::vector<std::int32_t> waiting(graph.node_count(), 0), users(graph.value_count(), 0);
  std::vector<std::size_t> rank(graph.node_count(), 0);
  for (std::size_t i = 0; i < written.size(); ++i) rank[written[i].index] = i;
  std::vector<NodeId> ready, out;
  for (const NodeId id : written) {
    for (const ValueId operand : graph.node(id).operands) {
      if (operand.valid() && graph.value(operand).producer.valid()) ++waiting[id.index];
      if (operand.valid()) ++users[operand.index];
    }
    if (waiting[id.index] == 0) ready.push_back(id);
  }
  const auto growth = [&](NodeId id) {
    std::int64_t bytes = 0;
    for (const ValueId r : graph.node(id).results) bytes += bytes_of(graph.value(r).type);
    for (const ValueId o : graph.node(id).operands) {
      if (o.valid() && graph.value(o).producer.valid() && users[o.index] == 1 && !graph.is_output(o))
        bytes -= bytes_of(graph.value(o).type);
    }
    return bytes;
  };
  while (!ready.empty()) {
    std::size_t best = 0;
    std::tuple<int, std::int64_t, std::size_t> best_key{};
    for (std::size_t i = 0; i < ready.size(); ++i) {
      const std::tuple key{rank_of(graph.node(ready[i]).phase), growth(ready[i]), rank[ready[i].index]};
      if (i == 0 || key < best_key) best = i, best_key = key;
    }
    const NodeId id = ready[best];
    ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(best));
    out.push_back(id);
    for (const ValueId o : graph.node(id).operands) {
      if (o.valid()) --users[o.index];
    }
    for (const ValueId r : graph.node(id).results) {
      for (const Use& use : graph.value(r).uses) {
        if (--waiting[use.node.index] == 0) ready.push_back(use.node);
      }
    }
  }
  return out;
}

}  // namespace

bool order_steps(Rewriter& rewriter, const PassContext&) {
  const Graph& graph = rewriter.graph();
  std::vector<NodeId> written = graph.order();
  std::stable_sort(written.begin(), written.end(),
                   [&](NodeId a, NodeId b) { return rank_of(graph.node(a).phase) < rank_of(graph.node(b).phase); });
  const std::vector<NodeId> greedy = greedy_order(graph, written);
  FCNGRAPH_ASSERT(greedy.size() == written.size(), "the graph has a cycle");
  const bool better = peak_of(graph, greedy) < peak_of(graph, written);
  const std::vector<NodeId> before = graph.order();
  rewriter.set_order(better ? greedy : written);
  return before != graph.order();
}

}  // namespace fcngraph
