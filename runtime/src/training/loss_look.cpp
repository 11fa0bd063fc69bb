// SPDX-License-Identifier: Apache-2.0
#include "training/loss_look.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fcngraph/engine/ops/crop.h>
#include <fcngraph/engine/ops/cross_entropy.h>
#include <fcngraph/engine/ops/cross_entropy_of_probabilities.h>
#include <fcngraph/engine/ops/region.h>

namespace fcngraph::training {
namespace {

/// Coprime to the sizes of images, and far enough from any of them that samples are spread.
constexpr std::int64_t kStride = 1'000'003;

/// Which of a region's operands a value of its body is.
std::optional<std::size_t> operand_of(const Graph& body, ValueId value) {
  const auto inputs = body.values_with(Role::input);
  const auto found = std::find(inputs.begin(), inputs.end(), value);
  if (found == inputs.end()) return std::nullopt;
  return static_cast<std::size_t>(found - inputs.begin());
}

}  // namespace

std::optional<LossLook> LossLook::find(const Plan& plan, const std::string& head) {
  const auto output = std::find_if(plan.outputs.begin(), plan.outputs.end(),
                                   [&](const auto& o) { return o.first == head + ".loss_sum"; });
  if (output == plan.outputs.end()) return std::nullopt;
  const NodeId maker = plan.graph.value(plan.slots[static_cast<std::size_t>(output->second)].value).producer;
  const auto step = std::find_if(plan.steps.begin(), plan.steps.end(), [&](const Step& s) { return s.node == maker; });
  if (!maker.valid() || step == plan.steps.end()) return std::nullopt;

  LossLook look;
  UpsampleAttrs upsampling;
  look.step_ = static_cast<std::size_t>(step - plan.steps.begin());
  const Node* loss = &plan.graph.node(maker);
  std::optional<std::size_t> score = 0, labels = 1;
  if (loss->op == &ops::region()) {
    const Graph& body = *loss->body;
    const auto inner = std::find_if(body.order().begin(), body.order().end(),
                                    [&](NodeId id) { return body.node(id).op == &ops::cross_entropy(); });
    if (inner == body.order().end()) return std::nullopt;
    loss = &body.node(*inner);
    labels = operand_of(body, loss->operands[1]);
    ValueId from = loss->operands[0];
    // logits [<- crop] [<- upsample] <- score
    for (NodeId id = body.value(from).producer; id.valid(); id = body.value(from).producer) {
      const Node& node = body.node(id);
      if (node.op == &ops::crop()) {
        look.crop_ = node.attrs.as<CropAttrs>().pads;
      } else if (node.op == &ops::upsample()) {
        upsampling = node.attrs.as<UpsampleAttrs>();
      } else {
        return std::nullopt;
      }
      from = node.operands[0];
    }
    score = operand_of(body, from);
  }
  look.probabilities_ = loss->op == &ops::cross_entropy_of_probabilities();
  if (!(look.probabilities_ || loss->op == &ops::cross_entropy()) || !score || !labels) return std::nullopt;
  look.ignore_ = look.probabilities_ ? loss->attrs.as<CrossEntropyOfProbabilitiesAttrs>().ignore
                                     : loss->attrs.as<CrossEntropyAttrs>().ignore;
  look.score_ = *score;
  look.labels_ = *labels;
  const auto type_of = [&](std::size_t operand) -> const TensorType& {
    return plan.slots[static_cast<std::size_t>(step->operands.at(operand))].type;
  };
  const TensorType &logits = type_of(*score), &truth = type_of(*labels);
  if (logits.dtype != DType::f32 || !logits.layout.is_plain() || !truth.layout.is_plain()) return std::nullopt;
  look.images_ = logits.shape[0];
  look.classes_ = logits.shape[1];
  look.height_ = logits.shape[2];
  look.width_ = logits.shape[3];
  look.rows_ = ops::upsample_taps(look.height_, upsampling.factor.h, upsampling.kind);
  look.columns_ = ops::upsample_taps(look.width_, upsampling.factor.w, upsampling.kind);
  look.out_height_ = truth.shape[1];
  look.out_width_ = truth.shape[2];
  look.logits_.resize(static_cast<std::size_t>(look.classes_));
  return look;
}

void LossLook::look(const LaunchArgs& args, LossSample& to) {
  const auto* score = reinterpret_cast<const float*>(args.operands[score_]);
  const auto* labels = reinterpret_cast<const std::uint8_t*>(args.operands[labels_]);
  if (score == nullptr || labels == nullptr) return;
  const std::int64_t plane = out_height_ * out_width_, all = images_ * plane;
  for (std::int64_t i = 0; i < std::min(kSampledPixels, all); ++i) {
    at_ = (at_ + kStride) % all;
    const std::int64_t label = labels[at_], pixel = at_ % plane;
    if (label == ignore_ || label >= classes_) continue;
    add(score, at_ / plane, pixel / out_width_ + crop_.top, pixel % out_width_ + crop_.left, label, to);
  }
}

// Whether the probability of the class is under kSaturated.
bool LossLook::is_saturated(std::size_t label, float largest) const {
  static const double limit = -std::log(kSaturated);
  if (probabilities_) return -static_cast<double>(logits_[label]) > limit;
  // -log p = largest - picked + log(sum), and that sum of exponentials is 1 to as many as there are classes: mostly nothing needs it.
  const double gap = static_cast<double>(largest) - static_cast<double>(logits_[label]);
  if (gap > limit || gap <= limit - std::log(static_cast<double>(logits_.size()))) return gap > limit;
  double sum = 0;
  for (const float logit : logits_) sum += std::exp(static_cast<double>(logit - largest));
  return gap + std::log(sum) > limit;
}

void LossLook::add(const float* score, std::int64_t image, std::int64_t y, std::int64_t x, std::int64_t label,
                   LossSample& to) {
  const ops::UpsampleTap &row = rows_[static_cast<std::size_t>(y)], &column = columns_[static_cast<std::size_t>(x)];
  const auto down = static_cast<float>(row.fraction), right = static_cast<float>(column.fraction);
  float largest = -INFINITY, smallest = INFINITY;
  for (std::int64_t c = 0; c < classes_; ++c) {
    const float* of_class = score + (image * classes_ + c) * height_ * width_;
    const float *upper = of_class + row.low * width_, *lower = of_class + row.high * width_;
    const float above = upper[column.low] * (1 - right) + upper[column.high] * right;
    const float below = lower[column.low] * (1 - right) + lower[column.high] * right;
    float logit = above * (1 - down) + below * down;
    // The logits but for a number that all classes share, which nothing here asks for.
    if (probabilities_) logit = std::log(std::max(logit, std::numeric_limits<float>::min()));
    logits_[static_cast<std::size_t>(c)] = logit;
    largest = std::max(largest, logit);
    smallest = std::min(smallest, logit);
  }
  if (!std::isfinite(largest - smallest)) return;
  const auto at = static_cast<std::size_t>(label);
  const bool saturated = is_saturated(at, largest);
  ++to.pixels;
  ++to.of_class[at];
  to.range_sum += static_cast<double>(largest - smallest);
  to.gap_of[at] += static_cast<double>(largest - logits_[at]);
  to.saturated += saturated ? 1 : 0;
  to.saturated_of[at] += saturated ? 1 : 0;
}

}  // namespace fcngraph::training
