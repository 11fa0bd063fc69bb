// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include <fcngraph/engine/ops/cast.h>
#include <fcngraph/engine/passes.h>

#include "step_view.h"

namespace fcngraph {
namespace {

class PolicyApplier {
 public:
  PolicyApplier(Rewriter& rewriter, const PassContext& context)
      : rewriter_(rewriter), context_(context), policy_(context.precision) {}

  bool run() {
    const std::vector<NodeId> order = graph().order();
    if (!know_all(order)) return false;
    for (const NodeId id : order) {
      if (!apply(id)) return false;
    }
    rewriter_.insert_before({});
    const auto outputs = graph().outputs();
    for (const auto& [name, value] : outputs) {
      const ValueId wide = in_type(value, DType::f32);
      if (wide != value) rewriter_.set_output(name, wide);
    }
    return rewriter_.changed();
  }

 private:
  const Graph& graph() const { return rewriter_.graph(); }

  // Sums of losses are additions too: only what is made of images is narrow.
  bool may_be_narrow(const Node& node) const {
    const auto& ops = policy_.narrow;
    return std::find(ops.begin(), ops.end(), node.op->name) != ops.end() &&
           graph().value(node.results[0]).type.shape.rank() == 4;
  }

  bool is_narrow(const Node& node) const {
    const auto fits = [&](ValueId id) { return !id.valid() || fits_f16(graph().value(id).name); };
    return may_be_narrow(node) && std::all_of(node.operands.begin(), node.operands.end(), fits) &&
           std::all_of(node.results.begin(), node.results.end(), fits);
  }

  bool fits_f16(const std::string& name) const {
    if (policy_.storage != DType::f16) return true;
    const auto range = policy_.ranges.find(name);
    return range == policy_.ranges.end() || range->second.fits();
  }

  // Ranges of another model would let overflow pass unseen. Gradients have none: the loss scale sees to them.
  bool know_all(const std::vector<NodeId>& order) {
    if (policy_.ranges.empty() || policy_.storage != DType::f16) return true;
    std::vector<std::string> unknown;
    for (const NodeId id : order) {
      const Node& node = graph().node(id);
      const std::string& name = graph().value(node.results[0]).name;
      if (node.phase == Phase::forward && may_be_narrow(node) && policy_.ranges.count(name) == 0)
        unknown.push_back(name);
    }
    if (unknown.empty()) return true;
    const std::string others = unknown.size() > 1 ? " and " + std::to_string(unknown.size() - 1) + " more" : "";
    rewriter_.diagnostics().error("E0307", policy_.ranges_span,
                                  "the file of ranges does not say what '" + unknown[0] + "'" + others +
                                      " of this model reach: it is of another model, or of this one as it was",
                                  "track them again: fcngraph ranges");
    return false;
  }

  bool apply(NodeId id) {
    if (graph().node(id).op == &ops::cast()) return true;
    const bool narrow = is_narrow(graph().node(id));
    const std::vector<ValueId> operands = graph().node(id).operands;
    rewriter_.insert_before(id);
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (operands[i].valid())
        rewriter_.set_operand(id, i, in_type(operands[i], narrow ? policy_.storage : DType::f32));
    }
    if (!narrow) return true;
    return rewriter_.infer_again(id) && agrees(id);
  }

  // Whether the backend runs the step in this type; says once why it does not.
  bool agrees(NodeId id) {
    const Node& node = graph().node(id);
    const Capability answer = context_.backend->capability(step_view(graph(), node), context_.policy);
    if (!answer.supported) {
      rewriter_.diagnostics().error("E0306", node.span,
                                    "precision " + std::string(name_of(policy_.storage)) + ": backend '" +
                                        std::string(context_.backend->name()) + "' cannot run '" + node.op->name +
                                        "' (node '" + node.name + "') in it: " + answer.reason,
                                    "use precision f32");
    }
    return answer.supported;
  }

  // The value in that type, f32 or the policy's: itself, what it was cast from, or a cast made once.
  ValueId in_type(ValueId id, DType to) {
    const Value& value = graph().value(id);
    const DType from = value.type.dtype;
    if (from == to || (from != DType::f32 && from != policy_.storage)) return id;
    const auto [known, fresh] = casts_.try_emplace(id);
    if (!fresh) return known->second;
    const Phase phase = value.producer.valid() ? graph().node(value.producer).phase : Phase::forward;
    const ValueId cast = rewriter_.add_value({rewriter_.unique_name(value.name + "." + std::string(name_of(to))),
                                              &ops::cast(),
                                              CastAttrs{to},
                                              {id},
                                              phase,
                                              value.span,
                                              nullptr});
    FCNGRAPH_ASSERT(cast.valid(), "a cast always fits");
    known->second = cast;
    return cast;
  }

  Rewriter& rewriter_;
  const PassContext& context_;
  const PrecisionPolicy& policy_;
  std::map<ValueId, ValueId> casts_;  ///< by what was cast; there are two types, so that each value has one other form
};

}  // namespace

PrecisionPolicy precision_policy(DType storage) {
  if (storage != DType::f16 && storage != DType::bf16) return {};
  return {storage,
          {"conv2d", "conv2d_grad_input", "conv2d_grad_weight", "conv2d_transpose", "conv2d_transpose_grad_input",
           "conv2d_transpose_grad_weight", "relu", "relu_grad", "max_pool2d", "max_pool2d_grad", "avg_pool2d",
           "avg_pool2d_grad", "add", "concat", "slice_channels", "crop", "pad", "dropout"}};
}

bool apply_precision_policy(Rewriter& rewriter, const PassContext& context) {
  if (context.precision.narrow.empty()) return false;
  return PolicyApplier(rewriter, context).run();
}

}  // namespace fcngraph
