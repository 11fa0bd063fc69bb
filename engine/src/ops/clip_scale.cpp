// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/gradient_norm.h>

#include <cmath>
#include <limits>
#include <vector>

#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

enum Result : std::size_t { kScale, kFinite, kNorm };

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<ClipScaleAttrs>();
  if (!expect_between(c, "clip_norm", a.clip_norm, 0, std::numeric_limits<double>::max())) return {};
  for (std::size_t i = 0; i < c.operands.size(); ++i) {
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
  for (const TensorView& sum : args.operands) sums.push_back(*sum.as<double>());
  const double norm = std::sqrt(pairwise_sum(sums));
  const bool finite = std::isfinite(norm);
  put(args.results[kScale], !finite ? 0.0 : limit > 0 && norm > limit ? limit / norm : 1.0);
  put(args.results[kFinite], finite ? 1.0 : 0.0);
  put(args.results[kNorm], norm);
}

std::vector<OpCase> cases() {
  const TensorType sum{DType::f64, Shape{}, {}};
  const auto one = [&](const char* name, double clip_norm, std::size_t count) {
    return OpCase{.name = name,
                  .attrs = ClipScaleAttrs{clip_norm},
                  .operands = std::vector<TensorType>(count, sum),
                  .absent = {},
                  .low = 0.5,
                  .high = 2.0,
                  .gradient = false};
  };
  return {one("off", 0, 3), one("above", 0.125, 5), one("below", 100, 2), one("one", 0.25, 1)};
}

}  // namespace

const OpDef& clip_scale() {
  static const OpDef def =
      OpBuilder<ClipScaleAttrs>(
          "clip_scale",
          "What all gradients are multiplied by, and whether they are finite, from their sums of squares.")
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
