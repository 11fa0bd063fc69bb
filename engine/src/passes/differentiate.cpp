// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

class Differentiator {
 public:
  Differentiator(Rewriter& rewriter, const PassContext& context) : rewriter_(rewriter), context_(context) {}

  bool run() {
    const Graph& graph = rewriter_.graph();
    const ValueId loss = graph.find_value(context_.loss);
    if (!loss.valid() || graph.value(loss).type.shape.rank() != 0) {
      rewriter_.diagnostics().error("E0302", {}, "the graph has no scalar '" + context_.loss + "' to differentiate");
      return false;
    }
    mark_dependent();
    if (!depends(loss)) {
      rewriter_.diagnostics().error("E0302", {},
                                    "nothing trainable reaches '" + context_.loss + "': no parameter is trainable");
      return false;
    }
    contributions_.resize(graph.value_count());
    contributions_[loss.index].push_back(seed(graph.value(loss).type.dtype));
    const std::vector<NodeId> forward = graph.order();
    for (auto node = forward.rbegin(); node != forward.rend(); ++node) visit(*node);
    bool any = false;
    for (const ValueId parameter : graph.values_with(Role::parameter)) any = publish(parameter) || any;
    if (!any && !rewriter_.diagnostics().has_errors())
      rewriter_.diagnostics().error(
          "E0302", {}, "no gradient of '" + context_.loss + "' reaches what trains: a loss weight of 0 has none");
    return true;
  }

 private:
  /// The gradient of the loss with respect to itself.
  ValueId seed(DType dtype) {
    if (context_.optimizer.scale_loss) return rewriter_.add_input(std::string(kLossScale), {dtype, Shape{}, {}});
    return rewriter_.add_scalar(context_.loss + ".grad", 1.0, dtype);
  }

  bool depends(ValueId id) const { return id.valid() && dependent_[static_cast<std::size_t>(id.index)]; }

  void mark_dependent() {
    const Graph& graph = rewriter_.graph();
    dependent_.assign(graph.value_count(), false);
    for (const ValueId id : graph.values_with(Role::parameter)) dependent_[id.index] = graph.value(id).trainable;
    for (const NodeId id : graph.order()) {
      const Node& node = graph.node(id);
      bool any = false;
      for (const ValueId operand : node.operands) any = any || depends(operand);
      for (const ValueId result : node.results)
        dependent_[result.index] = any && is_floating(graph.value(result).type.dtype);
    }
  }

  // The sum of all contributions so far, or an invalid id where there is none.
  ValueId total(ValueId id) {
    if (id.index >= static_cast<std::int32_t>(contributions_.size())) return {};
    auto& parts = contributions_[id.index];
    if (parts.size() > 1) {
      const Value& value = rewriter_.graph().value(id);
      const ValueId sum =
          rewriter_.add_value({rewriter_.unique_name(value.name + ".grad_sum"), context_.ops->find("add"),
                               context_.ops->find("add")->schema.make({}, {}, {}, value.name, rewriter_.diagnostics()),
                               parts, Phase::backward, value.span, nullptr});
      parts = {sum};
    }
    return parts.empty() ? ValueId{} : parts[0];
  }

  void visit(NodeId id) {
    // Copies: appending nodes moves the graph's storage.
    const auto results = rewriter_.graph().node(id).results;
    const auto operands = rewriter_.graph().node(id).operands;
    const OpDef* op = rewriter_.graph().node(id).op;
    bool any_dependent = false;
    std::vector<bool> needed;
    for (const ValueId operand : operands) {
      needed.push_back(depends(operand));
      any_dependent = any_dependent || needed.back();
    }
    if (!any_dependent) return;
    std::vector<ValueId> gradients;
    bool any_gradient = false;
    for (const ValueId result : results) {
      gradients.push_back(total(result));
      any_gradient = any_gradient || gradients.back().valid();
    }
    if (!any_gradient) return;
    GradientContext rule(rewriter_, id, gradients, needed);
    if (!op->gradient) return rule.refuse("op '" + op->name + "' is not differentiable");
    op->gradient(rule);
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const ValueId gradient = rule.operand_gradients()[i];
      if (needed[i] && gradient.valid()) contributions_[operands[i].index].push_back(gradient);
    }
  }

  bool publish(ValueId parameter) {
    if (!rewriter_.graph().value(parameter).trainable) return false;
    const ValueId gradient = total(parameter);
    if (gradient.valid()) rewriter_.set_output("grad." + rewriter_.graph().value(parameter).name, gradient);
    return gradient.valid();
  }

  Rewriter& rewriter_;
  const PassContext& context_;
  std::vector<bool> dependent_;
  std::vector<std::vector<ValueId>> contributions_;
};

}  // namespace

bool differentiate(Rewriter& rewriter, const PassContext& context) { return Differentiator(rewriter, context).run(); }

}  // namespace fcngraph
