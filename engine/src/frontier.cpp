// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/frontier.h>

#include <algorithm>
#include <cstdio>

#include <fcngraph/engine/op.h>

namespace fcngraph {
namespace {

// For people: "25.4", "0.82", "0.002".
std::string giga(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value / 1e9);
  return text;
}

// The nodes that hang on the image, behind the cut.
class Reader {
 public:
  Reader(const Graph& graph, const std::string& image) : graph_(graph), of_image_(graph.value_count(), false) {
    if (const ValueId input = graph.find_value(image); input.valid()) of_image_[input.index] = true;
    for (const NodeId id : graph.order()) {
      const Node& node = graph.node(id);
      const bool any = std::any_of(node.operands.begin(), node.operands.end(),
                                   [&](ValueId operand) { return operand.valid() && of_image_[operand.index]; });
      if (!any) continue;
      for (const ValueId result : node.results) of_image_[result.index] = true;
      if (!first_.valid() && node.phase == Phase::forward) first_ = id;
    }
  }

  /// The first node behind the cut.
  NodeId first() const { return first_; }

  /// Why what the node makes is not the same each time.
  std::string why(NodeId id) const {
    const Node& node = graph_.node(id);
    const std::string name = node.op->name + " '" + node.name + "'";
    if (node.op->identity_at_inference) return name + " draws anew each time";
    for (const ValueId operand : node.operands) {
      if (operand.valid() && graph_.value(operand).trainable) return name + " trains";
    }
    if (!node.op->updates.empty()) return name + " changes with each step";
    for (const ValueId operand : node.operands) {
      if (!operand.valid()) continue;
      const Value& value = graph_.value(operand);
      if (value.role == Role::state) return name + " has a factor that is measured before the first step";
      if (value.role == Role::input) return name + " reads '" + value.name + "'";
    }
    return name + " is as cheap to compute as to keep";
  }

  // Copies in another layout say nothing.
  NodeId behind_copies(NodeId id) const {
    while (graph_.node(id).op->name == "reorder" && !graph_.value(graph_.node(id).results[0]).uses.empty())
      id = graph_.value(graph_.node(id).results[0]).uses[0].node;
    return id;
  }

 private:
  const Graph& graph_;
  std::vector<bool> of_image_;
  NodeId first_;
};

bool is_feature(const Graph& graph, NodeId id) { return graph.node(id).phase == Phase::feature; }

}  // namespace

std::vector<ValueId> values_at_cut(const Graph& graph) {
  std::vector<ValueId> out;
  for (const NodeId id : graph.order()) {
    if (!is_feature(graph, id)) continue;
    for (const ValueId result : graph.node(id).results) {
      const auto& uses = graph.value(result).uses;
      const bool read =
          std::any_of(uses.begin(), uses.end(), [&](const Use& use) { return !is_feature(graph, use.node); });
      if (read || graph.is_output(result)) out.push_back(result);
    }
  }
  return out;
}

CutReport describe_cut(const Plan& plan, const std::string& image) {
  const Graph& graph = plan.graph;
  CutReport report;
  const ValueId input = graph.find_value(image);
  if (!input.valid()) return report;
  const Reader reader(graph, image);
  const auto batch = static_cast<double>(graph.value(input).type.shape[0]);
  report.macs_before = plan.flops(Phase::feature) / 2 / batch;
  report.macs_behind = plan.flops(Phase::forward) / 2 / batch;
  for (const ValueId id : values_at_cut(graph)) {
    const Value& value = graph.value(id);
    CutReport::Kept kept{value.name, value.type, bytes_of(value.type) / value.type.shape[0], "it is asked for"};
    for (const Use& use : value.uses) {
      const Phase phase = graph.node(use.node).phase;
      if (phase == Phase::feature || phase == Phase::backward || phase == Phase::recompute) continue;
      kept.why_not_more = reader.why(reader.behind_copies(use.node));
      break;
    }
    report.values.push_back(std::move(kept));
  }
  if (report.values.empty()) {
    report.why_none = reader.first().valid() ? reader.why(reader.behind_copies(reader.first())) +
                                                   ", and nothing before it is worth keeping"
                                             : "nothing hangs on the image";
  }
  return report;
}

std::int64_t CutReport::bytes() const {
  std::int64_t sum = 0;
  for (const Kept& kept : values) sum += kept.bytes;
  return sum;
}

std::string CutReport::to_text() const {
  if (values.empty()) return why_none.empty() ? std::string() : "frontier: none, since " + why_none + "\n";
  std::string out = "frontier: " + giga(macs_before) + " GMAC an image are computed once a sample and kept, " +
                    giga(macs_behind) + " each time; " + human_bytes(bytes()) + " a sample\n";
  std::size_t width = 0;
  for (const Kept& kept : values) width = std::max(width, kept.name.size());
  for (const Kept& kept : values) {
    out += "  " + kept.name + std::string(width - kept.name.size() + 2, ' ') + human_bytes(kept.bytes) + ": " +
           kept.why_not_more + "\n";
  }
  return out;
}

}  // namespace fcngraph
