// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/gradient_norm.h>

#include <cmath>
#include <limits>
#include <vector>

#include "update_rules.h"

namespace fcngraph::ops {
namespace {

enum Operand : std::size_t { kLossScale, kSums };
enum Result : std::size_t { kScale, kFinite, kNorm };

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<ClipScaleAttrs>();
  if (!expect_between(c, "clip_norm", a.clip_norm, 0, std::numeric_limits<double>::max())) return {};
  if (c.has(kLossScale) && !expect_scalar(c, kLossScale, "loss_scale")) return {};
  for (std::size_t i = kSums; i < c.operands.size(); ++i) {
    if (!expect_type(c, i, "sums", DType::f64, Shape{})) return {};
  }
  return std::vector<TensorType>(3, TensorType{DType::f32, Shape{}, {}});
}

void put(const TensorView& view, double value) {
  if (view.present()) *view.as<float>() = static_cast<float>(value);
}

void run(const ReferenceArgs& args) {
  const double limit = args.attrs.as<ClipScaleAttrs>().clip_norm;
  std::vector<double> sums;
  for (const TensorView& sum : args.operands.subspan(kSums)) sums.push_back(*sum.as<double>());
  // A power of two goes through all of this without rounding: the bits are those of a run without a scale.
  const double loss_scale = scalar_of(args.operands[kLossScale]);
  const double norm = std::sqrt(pairwise_sum(sums)) / loss_scale;
  const bool finite = std::isfinite(norm);
  put(args.results[kScale], !finite ? 0.0 : (limit > 0 && norm > limit ? limit / norm : 1.0) / loss_scale);
  put(args.results[kFinite], finite ? 1.0 : 0.0);
  put(args.results[kNorm], norm);
}

std::vector<OpCase> cases() {
  const TensorType sum{DType::f64, Shape{}, {}}, loss_scale{DType::f32, Shape{}, {}};
  const auto one = [&](const char* name, double clip_norm, std::size_t count, bool scaled = false) {
    std::vector<TensorType> operands(kSums + count, sum);
    operands[kLossScale] = loss_scale;
    std::vector<bool> absent(operands.size(), false);
    absent[kLossScale] = !scaled;
    return OpCase{.name = name,
                  .attrs = ClipScaleAttrs{clip_norm},
                  .operands = std::move(operands),
                  .absent = std::move(absent),
                  .low = 0.5,
                  .high = 2.0,
                  .gradient = false};
  };
  return {one("off", 0, 3), one("above", 0.125, 5), one("below", 100, 2), one("one", 0.25, 1),
          one("scaled", 0.25, 3, true)};
}

}  // namespace

const OpDef& clip_scale() {
  static const OpDef def =
      OpBuilder<ClipScaleAttrs>(
          "clip_scale",
          "What all gradients are multiplied by, and whether they are finite, from their sums of squares.")
          .optional_input("loss_scale")
          .inputs("sums")
          .output("scale")
          .output("finite")
          .output("norm")
          .infer(infer)
          .reference(run, run)
          .cases(cases)
          .internal()
          .build();
  return def;
}

}  // namespace fcngraph::ops
