// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "graph_builder.h"

namespace fcngraph::dsl {
namespace {

ValueId class_weights(GraphBuilder& b) {
  const LossSpec& loss = b.spec().train.loss;
  if (loss.class_weights.empty()) return {};
  if (static_cast<std::int64_t>(loss.class_weights.size()) != b.options().classes) {
    b.diagnostics().error("E0108", loss.class_weights_span,
                          "expected " + std::to_string(b.options().classes) + " class weights, one a class, got " +
                              std::to_string(loss.class_weights.size()));
    return {};
  }
  const bool wide = b.options().dtype == DType::f64;
  std::vector<std::byte> data(loss.class_weights.size() * size_of(b.options().dtype));
  for (std::size_t i = 0; i < loss.class_weights.size(); ++i) {
    const auto narrow = static_cast<float>(loss.class_weights[i]);
    if (wide) {
      std::memcpy(data.data() + 8 * i, &loss.class_weights[i], 8);
    } else {
      std::memcpy(data.data() + 4 * i, &narrow, 4);
    }
  }
  return b.rewriter().add_constant("class_weights", {b.options().dtype, Shape{b.options().classes}, {}},
                                   std::move(data));
}

/// What the loss is taken on: the head's output, or the probabilities of its logits.
ValueId scores_for_loss(GraphBuilder& b, const HeadSpec& head, ValueId output) {
  const LossSpec& loss = b.spec().train.loss;
  if (*head.output == *loss.on) return output;
  if (*head.output == "logits") return b.add_node(*head.name + ".probabilities", "softmax", {}, {output}, head.span);
  b.diagnostics().error("E0109", head.output.span,
                        "head '" + *head.name + "' gives probabilities, and the loss is taken on logits",
                        "loss = { on = \"probabilities\" } in [train]");
  return {};
}

}  // namespace

void build_losses(GraphBuilder& b) {
  const BuildOptions& o = b.options();
  Rewriter& rewriter = b.rewriter();
  const ValueId labels = rewriter.add_input("labels", {DType::u8, {o.batch, o.height, o.width}, {}});
  const ValueId weights = class_weights(b);
  const LossSpec& spec = b.spec().train.loss;
  const bool on_logits = *spec.on == "logits";
  if (on_logits && spec.clip.given())
    b.diagnostics().error("E0105", spec.clip.span, "a loss on logits has no 'clip'", "on = \"probabilities\" has");
  // A sum is a mean over one pixel: parts of a batch, and steps that fuse the loss, see no difference.
  const bool sums = *spec.normalize == "none";
  const ValueId one = sums ? rewriter.add_scalar("loss.normalizer", 1.0, o.dtype) : ValueId{};
  std::vector<ValueId> losses;
  std::vector<double> factors;
  for (const HeadSpec* head : asked_heads(b.spec(), o)) {
    const std::string& name = *head->name;
    const ValueId output = b.find(name);
    const ValueId scores = output.valid() ? scores_for_loss(b, *head, output) : output;
    if (!scores.valid()) continue;
    std::vector<ValueId> operands{scores, labels};
    if (weights.valid()) operands.push_back(weights);
    const ValueId sum = b.add_node(name + ".loss_sum", on_logits ? "cross_entropy" : "cross_entropy_of_probabilities",
                                   on_logits ? AttrMap{} : AttrMap{{"clip", *spec.clip}}, operands, head->span);
    if (!sum.valid()) continue;
    const ValueId count = rewriter.graph().node(rewriter.graph().value(sum).producer).results[1];
    std::vector<ValueId> parts{sum, count};
    if (sums) parts.push_back(one);
    const ValueId loss = b.add_node(name + ".loss", "mean_loss", {}, parts, head->span);
    const ValueId predicted = b.add_node(name + ".labels", "argmax", {}, {output}, head->span);
    rewriter.set_output(name + ".loss_sum", sum);
    rewriter.set_output(name + ".loss_count", count);
    rewriter.set_output(name + ".loss", loss);
    rewriter.set_output(name + ".labels", predicted);
    losses.push_back(loss);
    factors.push_back(*head->loss_weight);
  }
  if (losses.empty()) return;
  rewriter.set_output("loss", b.add_node("loss", "weighted_sum", {{"weights", factors}}, losses, {}));
}

}  // namespace fcngraph::dsl
