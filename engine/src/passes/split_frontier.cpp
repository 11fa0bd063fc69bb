// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fcngraph/engine/ops/scale.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

// A node may be moved behind the cut when it costs at most so many operations for each byte that it touches.
constexpr double kCheapFlopsPerByte = 4;
// What costs less than so many operations for each byte to be kept is computed again.
constexpr double kWorthFlopsPerByte = 8;

class FrontierFinder {
 public:
  FrontierFinder(Rewriter& rewriter, const PassContext& context)
      : rewriter_(rewriter),
        context_(context),
        same_(rewriter.graph().value_count(), false),
        of_image_(rewriter.graph().value_count(), false),
        feature_(rewriter.graph().node_count(), false) {}

  bool run() {
    if (context_.mode == Mode::infer && context_.frontier.empty()) return false;
    image_ = graph().find_value(context_.image);
    if (!image_.valid() || graph().value(image_).role != Role::input) return false;
    mark_same();
    if (!context_.frontier.empty()) {
      keep_what_leads_to(context_.frontier);
    } else {
      draw_back();
      if (!is_worth_it()) return false;
    }
    bool changed = false;
    const std::vector<NodeId> order = graph().order();
    for (const NodeId id : order) {
      if (!feature_[id.index]) continue;
      changed = true;
      rewriter_.set_phase(id, Phase::feature);
    }
    return changed;
  }

 private:
  const Graph& graph() const { return rewriter_.graph(); }

  void mark_same() {
    same_[image_.index] = of_image_[image_.index] = true;
    for (const ValueId id : graph().values_with(Role::constant)) same_[id.index] = true;
    for (const ValueId id : graph().values_with(Role::state)) same_[id.index] = true;
    for (const ValueId id : graph().values_with(Role::parameter)) same_[id.index] = !graph().value(id).trainable;
    for (const NodeId id : graph().order()) {
      for (const StateUpdate& update : graph().node(id).op->updates) {
        if (const ValueId operand = graph().node(id).operands[update.operand]; operand.valid())
          same_[operand.index] = false;
      }
    }
    for (const NodeId id : graph().order()) {
      const Node& node = graph().node(id);
      if (node.phase != Phase::forward || !is_same(node)) continue;
      feature_[id.index] = std::any_of(node.operands.begin(), node.operands.end(),
                                       [&](ValueId operand) { return operand.valid() && of_image_[operand.index]; });
      for (const ValueId result : node.results) {
        same_[result.index] = true;
        of_image_[result.index] = feature_[id.index];
      }
    }
  }

  bool is_same(const Node& node) const {
    if (!node.op->updates.empty() || node.operands.empty()) return false;
    if (context_.mode == Mode::train && node.op->identity_at_inference) return false;
    if (node.op == &ops::scale() && node.operands.size() > 1 && node.operands[1].valid() &&
        graph().value(node.operands[1]).role == Role::state)
      return false;  // measured before the first step, with what lies before the cut
    for (const ValueId operand : node.operands) {
      if (operand.valid() && !same_[operand.index]) return false;
    }
    const std::int64_t batch = graph().value(image_).type.shape[0];
    return std::all_of(node.results.begin(), node.results.end(), [&](ValueId result) {
      const Shape& shape = graph().value(result).type.shape;
      return shape.rank() > 0 && shape[0] == batch;
    });
  }

  // Whether the value is read behind the cut, or asked for.
  bool is_read_behind(ValueId id) const {
    const auto& uses = graph().value(id).uses;
    return graph().is_output(id) ||
           std::any_of(uses.begin(), uses.end(), [&](const Use& use) { return !feature_[use.node.index]; });
  }

  // From the end on, so that the readers of a node have moved before it is looked at.
  void draw_back() {
    const std::vector<NodeId>& order = graph().order();
    for (auto id = order.rbegin(); id != order.rend(); ++id) {
      if (feature_[id->index] && is_better_behind(*id)) feature_[id->index] = false;
    }
  }

  bool is_better_behind(NodeId id) const {
    const Node& node = graph().node(id);
    std::int64_t kept_less = 0, kept_more = 0;
    double touched = 0;
    for (const ValueId result : node.results) {
      for (const Use& use : graph().value(result).uses) {
        if (feature_[use.node.index]) return false;
      }
      touched += static_cast<double>(bytes_of(graph().value(result).type));
      if (is_read_behind(result)) kept_less += bytes_of(graph().value(result).type);
    }
    std::vector<ValueId> seen;
    for (const ValueId operand : node.operands) {
      if (operand == image_) return false;
      if (!operand.valid() || std::find(seen.begin(), seen.end(), operand) != seen.end()) continue;
      seen.push_back(operand);
      touched += static_cast<double>(bytes_of(graph().value(operand).type));
      if (of_image_[operand.index] && !is_read_behind(operand)) kept_more += bytes_of(graph().value(operand).type);
    }
    if (flops(node) > kCheapFlopsPerByte * touched) return false;
    return kept_more < kept_less || (kept_more == kept_less && node.op == &ops::scale());
  }

  double flops(const Node& node) const {
    if (!node.op->flops) return 0;
    std::vector<const TensorType*> operands, results;
    for (const ValueId id : node.operands) operands.push_back(id.valid() ? &graph().value(id).type : nullptr);
    for (const ValueId id : node.results) results.push_back(&graph().value(id).type);
    return node.op->flops(node.attrs, operands, results);
  }

  bool is_worth_it() const {
    if (is_read_behind(image_)) return false;  // it would have to be decoded all the same
    double work = 0, bytes = 0;
    for (const NodeId id : graph().order()) {
      if (!feature_[id.index]) continue;
      work += flops(graph().node(id));
      for (const ValueId result : graph().node(id).results) {
        if (is_read_behind(result)) bytes += static_cast<double>(bytes_of(graph().value(result).type));
      }
    }
    return work > kWorthFlopsPerByte * bytes;
  }

  void keep_what_leads_to(const std::vector<std::string>& names) {
    std::vector<bool> wanted(graph().node_count(), false);
    const auto want = [&](ValueId id) {
      if (id.valid() && graph().value(id).producer.valid()) wanted[graph().value(id).producer.index] = true;
    };
    for (const std::string& name : names) want(graph().find_value(name));
    const std::vector<NodeId>& order = graph().order();
    for (auto id = order.rbegin(); id != order.rend(); ++id) {
      feature_[id->index] = feature_[id->index] && wanted[id->index];
      if (!feature_[id->index]) continue;
      for (const ValueId operand : graph().node(*id).operands) want(operand);
    }
  }

  Rewriter& rewriter_;
  const PassContext& context_;
  ValueId image_;
  std::vector<bool> same_;      ///< by value: the same whenever a sample is seen
  std::vector<bool> of_image_;  ///< by value: and it hangs on the image
  std::vector<bool> feature_;   ///< by node
};

}  // namespace

bool split_frontier(Rewriter& rewriter, const PassContext& context) { return FrontierFinder(rewriter, context).run(); }

}  // namespace fcngraph
