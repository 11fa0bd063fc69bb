// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

class Recomputation {
 public:
  Recomputation(Rewriter& rewriter, int segments) : rewriter_(rewriter), segments_(segments) {}

  bool run() {
    cut_into_segments();
    const std::vector<NodeId> order = graph().order();
    // In order of execution: what a node reads again was made for a node before it, or is made just before this one.
    for (const NodeId id : order) {
      if (graph().node(id).phase != Phase::backward) continue;
      const std::vector<ValueId> operands = graph().node(id).operands;
      for (std::size_t i = 0; i < operands.size(); ++i) {
        if (operands[i].valid() && is_dropped(operands[i])) rewriter_.set_operand(id, i, again(operands[i], id));
      }
    }
    rewriter_.insert_before({});
    return changed_;
  }

 private:
  const Graph& graph() const { return rewriter_.graph(); }

  const Node* forward_producer(ValueId id) const {
    const NodeId producer = graph().value(id).producer;
    if (!producer.valid() || graph().node(producer).phase != Phase::forward) return nullptr;
    return &graph().node(producer);
  }

  bool is_read_backward(ValueId id) const {
    const auto& uses = graph().value(id).uses;
    return std::any_of(uses.begin(), uses.end(),
                       [&](const Use& use) { return graph().node(use.node).phase == Phase::backward; });
  }

  // Segments hold the same share of the bytes that backward steps read.
  void cut_into_segments() {
    const auto bytes_read = [&](NodeId id) {
      double bytes = 0;
      for (const ValueId result : graph().node(id).results)
        bytes += is_read_backward(result) ? static_cast<double>(bytes_of(graph().value(result).type)) : 0.0;
      return bytes;
    };
    double all = 0, before = 0;
    for (const NodeId id : graph().order()) all += graph().node(id).phase == Phase::forward ? bytes_read(id) : 0.0;
    segment_.assign(graph().node_count(), segments_ - 1);
    for (const NodeId id : graph().order()) {
      if (graph().node(id).phase != Phase::forward) continue;
      if (all > 0) segment_[id.index] = std::min(segments_ - 1, static_cast<int>(before / all * segments_));
      before += bytes_read(id);
    }
    // Decided for all values before any clone is there.
    dropped_.assign(graph().value_count(), Answer::unknown);
    clone_.assign(graph().value_count(), ValueId{});
    for (std::size_t v = 0; v < dropped_.size(); ++v) (void)can_drop({static_cast<std::int32_t>(v)});
  }

  // Whether a value lies inside a segment and is a function of what the segments before leave.
  bool can_drop(ValueId id) {
    Answer& answer = dropped_[id.index];
    if (answer != Answer::unknown) return answer == Answer::yes;
    answer = Answer::no;
    const Node* node = forward_producer(id);
    if (node == nullptr || !node->op->updates.empty() || graph().is_output(id)) return false;
    // Further results are small beside the first (positions of maxima), and kernels make them together with it.
    if (graph().value(id).result_index != 0) return false;
    const int segment = segment_[graph().value(id).producer.index];
    if (segment == segments_ - 1) return false;  // the backward pass begins here
    for (const Use& use : graph().value(id).uses) {
      if (graph().node(use.node).phase == Phase::forward && segment_[use.node.index] != segment) return false;
    }
    for (const ValueId operand : node->operands) {
      if (operand.valid() && !stays(operand, segment) && !can_drop(operand) && !is_read_backward(operand)) return false;
    }
    dropped_[id.index] = Answer::yes;
    return true;
  }

  // What is there at the time of the backward pass, or is worth keeping until then.
  bool stays(ValueId id, int segment) const {
    if (forward_producer(id) == nullptr || graph().is_output(id)) return true;
    return segment_[graph().value(id).producer.index] != segment;
  }

  bool is_dropped(ValueId id) const {
    return id.index < static_cast<std::int32_t>(dropped_.size()) && dropped_[id.index] == Answer::yes;
  }

  ValueId again(ValueId id, NodeId before) {
    if (clone_[id.index].valid()) return clone_[id.index];
    const NodeId producer = graph().value(id).producer;
    std::vector<ValueId> operands = graph().node(producer).operands;
    for (ValueId& operand : operands) {
      if (operand.valid() && is_dropped(operand)) operand = again(operand, before);
    }
    const Node& node = graph().node(producer);
    rewriter_.insert_before(before);
    NodeInit init{rewriter_.unique_name(node.name + ".again"),
                  node.op,
                  node.attrs,
                  std::move(operands),
                  Phase::recompute,
                  node.span,
                  nullptr};
    if (node.body) init.body = std::make_unique<Graph>(*node.body);
    const std::vector<ValueId> results = node.results;
    const NodeId clone = rewriter_.add(std::move(init));
    FCNGRAPH_ASSERT(clone.valid(), "a node fits where its original did");
    for (std::size_t r = 0; r < results.size(); ++r) clone_[results[r].index] = graph().node(clone).results[r];
    changed_ = true;
    return clone_[id.index];
  }

  enum class Answer : std::uint8_t { unknown, yes, no };

  Rewriter& rewriter_;
  const int segments_;
  std::vector<int> segment_;     // by node
  std::vector<Answer> dropped_;  // by value
  std::vector<ValueId> clone_;   // by value
  bool changed_ = false;
};

}  // namespace

bool recompute(Rewriter& rewriter, const PassContext& context) {
  return context.recompute > 1 && Recomputation(rewriter, context.recompute).run();
}

}  // namespace fcngraph
