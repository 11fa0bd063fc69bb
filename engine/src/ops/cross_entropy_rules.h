// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>

#include <fcngraph/engine/op.h>

#include "channels.h"
#include "operand_checks.h"
#include "optional_view.h"

namespace fcngraph::ops {

enum CrossEntropyOperand : std::size_t { kScores, kLabels, kClassWeights, kGradLossSum };
enum CrossEntropyResult : std::size_t { kLossSum, kCount };

/// What a loss and its gradient ask of scores ("logits", "probabilities"), labels and class weights.
inline bool cross_entropy_fits(const InferContext& c, const char* scores_name, std::int64_t ignore) {
  if (!c.expect_rank(kScores, 4) || !expect_floating(c, kScores, scores_name)) return false;
  const TensorType& scores = c.operand(kScores);
  const Shape& s = scores.shape;
  if (!expect_type(c, kLabels, "labels", DType::u8, Shape{s[0], s[2], s[3]})) return false;
  if (c.has(kClassWeights) && !expect_type(c, kClassWeights, "class_weights", scores.dtype, Shape{s[1]})) return false;
  if (s[1] < 1 || s[1] > 256)
    return c.error("expected 1 to 256 classes, as labels of 8 bits can name, got " + std::to_string(s[1])), false;
  if (ignore < 0 || ignore > 255) return c.error("expected ignore in [0, 255], got " + std::to_string(ignore)), false;
  return true;
}

/// The operands of both as the loops see them.
template <class T>
struct CrossEntropyInput {
  ChannelExtents extents;
  const T* scores;
  const std::uint8_t* labels;
  const T* weights;  ///< null: all are 1
  std::int64_t ignore;

  CrossEntropyInput(const ReferenceArgs& args, std::int64_t ignored)
      : extents(channel_extents(args.operands[kScores].type->shape)),
        scores(args.operands[kScores].as<T>()),
        labels(args.operands[kLabels].as<std::uint8_t>()),
        weights(optional_view(args.operands, kClassWeights).as<T>()),
        ignore(ignored) {}

  bool counts(std::int64_t label) const { return label != ignore && label < extents.channels; }
  double weight(std::int64_t label) const { return weights != nullptr ? static_cast<double>(weights[label]) : 1.0; }
};

/// A sum and a number of pixels for each image.
inline std::vector<TensorType> image_sums(const InferContext& c) {
  const TensorType images{c.operand(kScores).dtype, Shape{c.operand(kScores).shape[0]}, {}};
  return {images, images};
}

/// The gradient in the scores, by an op that takes what the loss took and the gradient of its sums.
inline void emit_loss_gradient(GradientContext& g, const OpDef& op) {
  if (!g.grad(kLossSum).valid() || !g.needs(kScores)) return;
  const ValueId weights = g.has_operand(kClassWeights) ? g.operand(kClassWeights) : ValueId{};
  g.set(kScores, g.emit(op, "grad", g.attrs(), {g.operand(kScores), g.operand(kLabels), weights, g.grad(kLossSum)}));
}

/// Sums and counts image by image; `loss_of(pixel, label)` is the loss of the pixel whose class 0 lies at `pixel`.
template <class T, class LossOf>
void sum_losses(const ReferenceArgs& args, const CrossEntropyInput<T>& in, const LossOf& loss_of) {
  const ChannelExtents& e = in.extents;
  for (std::int64_t n = 0; n < e.images; ++n) {
    double sum = 0;
    std::int64_t count = 0;
    for (std::int64_t p = 0; p < e.pixels; ++p) {
      const std::int64_t label = in.labels[n * e.pixels + p];
      if (!in.counts(label)) continue;
      sum += in.weight(label) * loss_of(in.scores + n * e.channels * e.pixels + p, label);
      ++count;
    }
    if (args.results[kLossSum].present()) args.results[kLossSum].as<T>()[n] = static_cast<T>(sum);
    if (args.results[kCount].present()) args.results[kCount].as<T>()[n] = static_cast<T>(count);
  }
}

/// Cases of a loss whose scores lie between `low` and `high`; those of its gradient have one operand more.
template <class LossAttrs>
std::vector<OpCase> cross_entropy_cases(bool of_gradient, double low, double high) {
  const auto one = [&](const char* name, Shape scores, bool weighted, std::int64_t ignore, std::int64_t labels) {
    const TensorType classes{DType::f32, Shape{scores[1]}, {}}, images{DType::f32, Shape{scores[0]}, {}};
    const TensorType label_type{DType::u8, Shape{scores[0], scores[2], scores[3]}, {}};
    LossAttrs attrs;
    attrs.ignore = ignore;
    OpCase out{.name = name,
               .attrs = attrs,
               .operands = {{DType::f32, std::move(scores), {}}, label_type, classes},
               .absent = {false, false, !weighted},
               .low = low,
               .high = high,
               .classes = labels,
               .gradient = !of_gradient};
    if (of_gradient) {
      out.operands.push_back(images);
      out.absent.push_back(false);
    }
    return out;
  };
  return {one("plain", {2, 4, 3, 5}, false, 255, 4),        one("weighted", {2, 3, 4, 4}, true, 255, 3),
          one("some_ignored", {3, 3, 4, 3}, false, 3, 4),   one("class_ignored", {2, 4, 3, 3}, true, 0, 4),
          one("all_ignored", {2, 2, 2, 3}, false, 0, 1),    one("one_class", {1, 1, 2, 2}, false, 255, 1),
          one("many_classes", {1, 21, 2, 5}, true, 255, 21)};
}

}  // namespace fcngraph::ops
