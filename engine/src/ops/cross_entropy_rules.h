// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>

#include <fcngraph/engine/ops/cross_entropy.h>

#include "channels.h"
#include "operand_checks.h"
#include "optional_view.h"

namespace fcngraph::ops {

enum CrossEntropyOperand : std::size_t { kLogits, kLabels, kClassWeights, kGradLossSum };

/// What the loss and its gradient ask of logits, labels and class weights.
inline bool cross_entropy_fits(const InferContext& c) {
  const auto& a = c.attrs.as<CrossEntropyAttrs>();
  if (!c.expect_rank(kLogits, 4) || !expect_floating(c, kLogits, "logits")) return false;
  const TensorType& logits = c.operand(kLogits);
  const Shape& s = logits.shape;
  if (!expect_type(c, kLabels, "labels", DType::u8, Shape{s[0], s[2], s[3]})) return false;
  if (c.has(kClassWeights) && !expect_type(c, kClassWeights, "class_weights", logits.dtype, Shape{s[1]})) return false;
  if (s[1] < 1 || s[1] > 256)
    return c.error("expected 1 to 256 classes, as labels of 8 bits can name, got " + std::to_string(s[1])), false;
  if (a.ignore < 0 || a.ignore > 255)
    return c.error("expected ignore in [0, 255], got " + std::to_string(a.ignore)), false;
  return true;
}

/// The operands of both as the loops see them.
template <class T>
struct CrossEntropyInput {
  ChannelExtents extents;
  const T* logits;
  const std::uint8_t* labels;
  const T* weights;  ///< null: all are 1
  std::int64_t ignore;

  explicit CrossEntropyInput(const ReferenceArgs& args)
      : extents(channel_extents(args.operands[kLogits].type->shape)),
        logits(args.operands[kLogits].as<T>()),
        labels(args.operands[kLabels].as<std::uint8_t>()),
        weights(optional_view(args.operands, kClassWeights).as<T>()),
        ignore(args.attrs.as<CrossEntropyAttrs>().ignore) {}

  bool counts(std::int64_t label) const { return label != ignore && label < extents.channels; }
  double weight(std::int64_t label) const { return weights != nullptr ? static_cast<double>(weights[label]) : 1.0; }
};

/// Cases of the loss; those of its gradient have one operand more.
inline std::vector<OpCase> cross_entropy_cases(bool of_gradient) {
  const auto one = [&](const char* name, Shape logits, bool weighted, std::int64_t ignore, std::int64_t labels) {
    const TensorType classes{DType::f32, Shape{logits[1]}, {}}, images{DType::f32, Shape{logits[0]}, {}};
    const TensorType label_type{DType::u8, Shape{logits[0], logits[2], logits[3]}, {}};
    OpCase out{.name = name,
               .attrs = CrossEntropyAttrs{ignore},
               .operands = {{DType::f32, std::move(logits), {}}, label_type, classes},
               .absent = {false, false, !weighted},
               .low = -2.0,
               .high = 2.0,
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
