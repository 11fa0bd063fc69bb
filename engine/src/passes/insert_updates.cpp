// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/ops/optimizer.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

constexpr std::string_view kGradient = "grad.";

struct Trained {
  std::string name;
  ValueId parameter, gradient;
};

class UpdateInserter {
 public:
  UpdateInserter(Rewriter& rewriter, const PassContext& context) : rewriter_(rewriter), context_(context) {}

  bool run() {
    const OpDef* update = context_.ops->find(context_.optimizer.kind);
    if (update == nullptr || !is_optimizer(*update)) {
      rewriter_.diagnostics().error("E0304", {}, "there is no optimiser '" + context_.optimizer.kind + "'",
                                    did_you_mean(context_.optimizer.kind, optimizers()));
      return false;
    }
    std::vector<Trained> trained = take_gradients();
    if (trained.empty()) return false;
    if (context_.optimizer.scale_loss) loss_scale_ = rewriter_.graph().find_value(std::string(kLossScale));
    for (Trained& t : trained) t.gradient = with_l2(t);
    const std::vector<ValueId> clip = clip_by_global_norm(trained);
    lr_ = rewriter_.add_input("lr", {DType::f32, Shape{}, {}});
    if (optimizer_operands(*update).step) step_ = rewriter_.add_input("step", {DType::i64, Shape{}, {}});
    for (const Trained& t : trained) add_update(*update, t, clip);
    return true;
  }

 private:
  std::vector<std::string> optimizers() const {
    std::vector<std::string> names;
    for (const OpDef* op : context_.ops->all()) {
      if (is_optimizer(*op)) names.push_back(op->name);
    }
    return names;
  }

  Attrs make(const OpDef& op, const AttrMap& map) {
    return op.schema.make(map, {}, {}, "'" + op.name + "'", rewriter_.diagnostics());
  }

  const OpDef& op(std::string_view name) const {
    const OpDef* found = context_.ops->find(name);
    FCNGRAPH_ASSERT(found != nullptr, "op '" + std::string(name) + "' is not in the table");
    return *found;
  }

  std::vector<ValueId> add(const std::string& op_name, AttrMap attrs, const std::string& name,
                           std::vector<ValueId> operands) {
    const OpDef& def = op(op_name);
    const NodeId id = rewriter_.add(
        {rewriter_.unique_name(name), &def, make(def, attrs), std::move(operands), Phase::update, {}, nullptr});
    FCNGRAPH_ASSERT(id.valid(), "an update does not fit: " + render(rewriter_.diagnostics().all()));
    return rewriter_.graph().node(id).results;
  }

  // The outputs "grad.P" end here: nobody fetches them from a training plan.
  std::vector<Trained> take_gradients() {
    std::vector<Trained> out;
    const auto outputs = rewriter_.graph().outputs();
    rewriter_.clear_outputs();
    for (const auto& [name, value] : outputs) {
      if (!name.starts_with(kGradient)) {
        rewriter_.set_output(name, value);
        continue;
      }
      const std::string parameter = name.substr(kGradient.size());
      out.push_back({parameter, rewriter_.graph().find_value(parameter), value});
    }
    return out;
  }

  ValueId with_l2(const Trained& t) {
    double factor = 0;
    for (const L2Term& term : context_.optimizer.l2) factor += glob_match(term.match, t.name) ? term.value : 0.0;
    if (factor == 0) return t.gradient;
    std::vector<ValueId> operands{t.gradient, t.parameter};
    if (loss_scale_.valid()) operands.push_back(loss_scale_);
    return add("l2_grad", {{"value", factor}}, t.name + ".l2_grad", std::move(operands))[0];
  }

  // {scale, finite, norm}
  std::vector<ValueId> clip_by_global_norm(const std::vector<Trained>& trained) {
    std::vector<ValueId> operands{loss_scale_};
    for (const Trained& t : trained)
      operands.push_back(add("sum_squares", {}, t.name + ".sum_squares", {t.gradient})[0]);
    auto clip = add("clip_scale", {{"clip_norm", context_.optimizer.clip_norm}}, "clip", std::move(operands));
    rewriter_.set_output("finite", clip[1]);
    rewriter_.set_output("grad_norm", clip[2]);
    return clip;
  }

  // The learning rate of a parameter; those of one factor share it.
  ValueId lr_of(const Trained& t) {
    double factor = 1;
    for (const LrScale& scale : context_.optimizer.lr_scale)
      factor *= glob_match(scale.match, t.name) ? scale.value : 1.0;
    if (factor == 1) return lr_;
    ValueId& scaled = scaled_lr_[factor];
    if (!scaled.valid()) scaled = add("scale", {{"value", factor}}, "lr.scaled", {lr_})[0];
    return scaled;
  }

  AttrMap attrs_of(const Trained& t) const {
    AttrMap attrs = context_.optimizer.attrs;
    const auto& globs = context_.optimizer.no_decay;
    const auto matches = [&](const std::string& glob) { return glob_match(glob, t.name); };
    if (std::any_of(globs.begin(), globs.end(), matches)) attrs["weight_decay"] = 0.0;
    return attrs;
  }

  void add_update(const OpDef& update, const Trained& t, const std::vector<ValueId>& clip) {
    const Attrs attrs = make(update, attrs_of(t));
    const OptimizerOperands at = optimizer_operands(update);
    const TensorType type = rewriter_.graph().value(t.parameter).type;
    std::vector<ValueId> operands(update.operands.size());
    operands[at.param] = t.parameter;
    operands[at.grad] = t.gradient;
    for (const OptimizerState& state : optimizer_states(update, attrs)) {
      operands[state.operand] = rewriter_.add_state("optimizer." + t.name + "." + state.suffix, type, {});
    }
    if (at.lr) operands[*at.lr] = lr_of(t);
    if (at.step) operands[*at.step] = step_;
    if (at.scale) operands[*at.scale] = clip[0];
    if (at.finite) operands[*at.finite] = clip[1];
    const NodeId id = rewriter_.add(
        {rewriter_.unique_name(t.name + ".update"), &update, attrs, std::move(operands), Phase::update, {}, nullptr});
    FCNGRAPH_ASSERT(id.valid(), "an update does not fit: " + render(rewriter_.diagnostics().all()));
  }

  Rewriter& rewriter_;
  const PassContext& context_;
  ValueId loss_scale_;  ///< invalid: gradients are what they are
  ValueId lr_, step_;
  std::map<double, ValueId> scaled_lr_;
};

}  // namespace

bool insert_updates(Rewriter& rewriter, const PassContext& context) { return UpdateInserter(rewriter, context).run(); }

}  // namespace fcngraph
