// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include <fcngraph/engine/ops/argmax.h>
#include <fcngraph/engine/ops/crop.h>
#include <fcngraph/engine/ops/cross_entropy.h>
#include <fcngraph/engine/ops/mean_loss.h>
#include <fcngraph/engine/ops/region.h>
#include <fcngraph/engine/ops/upsample.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

enum LossOperand : std::size_t { kLogits, kLabels, kClassWeights, kGradLossSum };
enum LossResult : std::size_t { kLossSum, kCount };

/// The nodes of one head from its upsampling to its loss and back to the gradient of the score, found from the loss outwards.
class HeadLoss {
 public:
  HeadLoss(const Graph& graph, NodeId loss) : graph_(graph), loss_(loss) {}

  bool find() {
    const Node& loss = graph_.node(loss_);
    if (!take_upsampling(loss.operands[kLogits])) return false;
    members_.insert(loss_);
    for (const Use& use : graph_.value(loss.results[kLossSum]).uses) {
      if (is_mean_of_loss(use.node)) members_.insert(use.node);
    }
    // Logits that anyone else needs must be stored, and then nothing is gained.
    for (const Use& use : graph_.value(loss.operands[kLogits]).uses) {
      if (use.node != loss_ && !take_labels(use.node) && !take_gradient(use.node)) return false;
    }
    return true;
  }

  const std::set<NodeId>& members() const { return members_; }
  /// The node that the region is called after: the head's loss.
  NodeId namesake() const {
    const auto mean =
        std::find_if(members_.begin(), members_.end(), [&](NodeId id) { return is(id, ops::mean_loss()); });
    return mean != members_.end() ? *mean : loss_;
  }

 private:
  bool is(NodeId id, const OpDef& op) const { return id.valid() && graph_.node(id).op == &op; }

  // The only user of a value that is no output, when it is such an op.
  NodeId only_user(ValueId id, const OpDef& op) const {
    const auto& uses = graph_.value(id).uses;
    return uses.size() == 1 && !graph_.is_output(id) && is(uses[0].node, op) ? uses[0].node : NodeId{};
  }

  bool take_upsampling(ValueId logits) {
    if (graph_.is_output(logits)) return false;
    NodeId maker = graph_.value(logits).producer;
    if (is(maker, ops::crop())) {
      const ValueId whole = graph_.node(maker).operands[0];
      if (only_user(whole, ops::crop()) != maker) return false;
      crop_ = maker;
      maker = graph_.value(whole).producer;
      members_.insert(crop_);
    }
    // What is kept of a sample is made apart from its loss.
    if (!is(maker, ops::upsample()) || graph_.node(maker).phase == Phase::feature) return false;
    upsample_ = maker;
    members_.insert(maker);
    return true;
  }

  bool is_mean_of_loss(NodeId id) const {
    const Node& loss = graph_.node(loss_);
    const Node& node = graph_.node(id);
    return is(id, ops::mean_loss()) && node.operands[0] == loss.results[kLossSum] &&
           node.operands[1] == loss.results[kCount];
  }

  bool take_labels(NodeId id) { return is(id, ops::argmax()) && members_.insert(id).second; }

  // cross_entropy_grad of the same loss, scaled by mean_loss_grad, then pad where there is a crop, then upsample_grad.
  bool take_gradient(NodeId id) {
    const Node& loss = graph_.node(loss_);
    const Node& node = graph_.node(id);
    if (!is(id, ops::cross_entropy_grad()) || gradient_.valid() || node.attrs != loss.attrs) return false;
    if (!std::equal(node.operands.begin(), node.operands.begin() + kGradLossSum, loss.operands.begin())) return false;
    const ValueId upstream = node.operands[kGradLossSum];
    const NodeId mean = graph_.value(upstream).producer;
    if (!is(mean, ops::mean_loss_grad()) || graph_.node(mean).operands[1] != loss.results[kCount] ||
        only_user(upstream, ops::cross_entropy_grad()) != id)
      return false;
    NodeId last = id;
    if (crop_.valid()) {
      last = only_user(node.results[0], ops::pad());
      if (!last.valid() || !undoes_crop(last)) return false;
      members_.insert(last);
    }
    last = only_user(graph_.node(last).results[0], ops::upsample_grad());
    if (!last.valid() || graph_.node(last).attrs != graph_.node(upsample_).attrs) return false;
    members_.insert({mean, id, last});
    gradient_ = id;
    return true;
  }

  bool undoes_crop(NodeId pad) const {
    const auto& a = graph_.node(pad).attrs.as<PadAttrs>();
    return a.value == 0 && a.pads == graph_.node(crop_).attrs.as<CropAttrs>().pads;
  }

  const Graph& graph_;
  NodeId loss_, upsample_, crop_, gradient_;
  std::set<NodeId> members_;
};

/// A region as it would be: its body, and which values of the graph are its operands and results.
struct Proposal {
  std::unique_ptr<Graph> body;
  std::vector<ValueId> operands, results;
};

std::string output_name(const Graph& graph, ValueId id) {
  const Node& node = graph.node(graph.value(id).producer);
  if (node.op == &ops::argmax()) return "labels";
  return node.op == &ops::upsample_grad() ? "grad_score" : node.op->results[graph.value(id).result_index];
}

Proposal propose(const Graph& graph, const std::vector<NodeId>& members, NodeId namesake) {
  Proposal out{std::make_unique<Graph>(graph.node(namesake).name), {}, {}};
  Diagnostics diagnostics;
  Rewriter body(*out.body, diagnostics);
  std::map<ValueId, ValueId> inside;
  for (const NodeId id : members) {
    const Node& node = graph.node(id);
    NodeInit init{node.name, node.op, node.attrs, {}, node.phase, node.span, nullptr};
    for (const ValueId operand : node.operands) {
      if (operand.valid() && inside.count(operand) == 0) {
        inside[operand] = body.add_input(graph.value(operand).name, graph.value(operand).type);
        out.operands.push_back(operand);
      }
      init.operands.push_back(operand.valid() ? inside[operand] : ValueId{});
    }
    const NodeId copy = body.add(std::move(init));
    FCNGRAPH_ASSERT(copy.valid(), "a copy of a node does not fit: " + render(diagnostics.all()));
    for (std::size_t r = 0; r < node.results.size(); ++r) inside[node.results[r]] = out.body->node(copy).results[r];
  }
  const std::set<NodeId> among(members.begin(), members.end());
  const auto leaves = [&](ValueId id) {
    const auto& uses = graph.value(id).uses;
    return graph.is_output(id) ||
           std::any_of(uses.begin(), uses.end(), [&](const Use& use) { return among.count(use.node) == 0; });
  };
  // The namesake's result first: the region's first result bears its name.
  const auto add_outputs = [&](NodeId id) {
    for (const ValueId result : graph.node(id).results) {
      if (!leaves(result)) continue;
      body.set_output(output_name(graph, result), inside[result]);
      out.results.push_back(result);
    }
  };
  add_outputs(namesake);
  for (const NodeId id : members) {
    if (id != namesake) add_outputs(id);
  }
  return out;
}

bool backend_agrees(const Graph& graph, const PassContext& context, const Proposal& region) {
  const Attrs attrs = NoAttrs{};
  StepView view{region.body->name(), &ops::region(), &attrs, {}, {}, region.body.get()};
  for (const ValueId id : region.operands) view.operands.push_back(&graph.value(id).type);
  for (const ValueId id : region.results) view.results.push_back(&graph.value(id).type);
  return context.backend->capability(view, context.policy).supported;
}

/// The order in which all that `operands` need comes before the first member; empty when some of it needs a member.
std::vector<NodeId> order_for(const Graph& graph, const std::set<NodeId>& members,
                              const std::vector<ValueId>& operands) {
  const std::vector<NodeId>& order = graph.order();
  const auto first = std::find_if(order.begin(), order.end(), [&](NodeId id) { return members.count(id) > 0; });
  std::set<NodeId> before(order.begin(), first), needed;
  std::vector<ValueId> open = operands;
  while (!open.empty()) {
    const NodeId maker = graph.value(open.back()).producer;
    open.pop_back();
    if (!maker.valid() || before.count(maker) > 0) continue;
    if (members.count(maker) > 0) return {};
    if (!needed.insert(maker).second) continue;
    for (const ValueId operand : graph.node(maker).operands) {
      if (operand.valid()) open.push_back(operand);
    }
  }
  std::vector<NodeId> out(order.begin(), first);
  std::copy_if(first, order.end(), std::back_inserter(out), [&](NodeId id) { return needed.count(id) > 0; });
  std::copy_if(first, order.end(), std::back_inserter(out), [&](NodeId id) { return needed.count(id) == 0; });
  return out;
}

void replace(Rewriter& rewriter, const std::vector<NodeId>& members, NodeId namesake, Proposal region) {
  const Graph& graph = rewriter.graph();
  const std::string name = graph.node(namesake).name;
  rewriter.insert_before(members.front());
  const NodeId id = rewriter.add({rewriter.unique_name(name + "+region"), &ops::region(), NoAttrs{}, region.operands,
                                  Phase::forward, graph.node(namesake).span, std::move(region.body)});
  rewriter.insert_before({});
  FCNGRAPH_ASSERT(id.valid(), "a region has the types of its body");
  std::map<ValueId, ValueId> successor;
  for (std::size_t r = 0; r < region.results.size(); ++r) {
    successor[region.results[r]] = graph.node(id).results[r];
    rewriter.replace_uses(region.results[r], graph.node(id).results[r]);
  }
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    std::vector<ValueId> successors;
    for (const ValueId result : graph.node(*member).results) {
      const auto found = successor.find(result);
      successors.push_back(found != successor.end() ? found->second : ValueId{});
    }
    rewriter.erase(*member, successors);
  }
  rewriter.rename(id, name);
}

bool fuse(Rewriter& rewriter, const PassContext& context, NodeId loss) {
  const Graph& graph = rewriter.graph();
  HeadLoss head(graph, loss);
  if (!head.find()) return false;
  std::vector<NodeId> members;
  std::copy_if(graph.order().begin(), graph.order().end(), std::back_inserter(members),
               [&](NodeId id) { return head.members().count(id) > 0; });
  Proposal region = propose(graph, members, head.namesake());
  std::vector<NodeId> order = order_for(graph, head.members(), region.operands);
  if (order.empty() || region.results.empty() || !backend_agrees(graph, context, region)) return false;
  rewriter.set_order(order);
  replace(rewriter, members, head.namesake(), std::move(region));
  return true;
}

}  // namespace

bool fuse_regions(Rewriter& rewriter, const PassContext& context) {
  bool changed = false;
  const std::vector<NodeId> order = rewriter.graph().order();
  for (const NodeId id : order) {
    const Node& node = rewriter.graph().node(id);
    if (!node.erased && node.op == &ops::cross_entropy()) changed = fuse(rewriter, context, id) || changed;
  }
  return changed;
}

}  // namespace fcngraph
