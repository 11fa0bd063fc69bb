// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/weighted_sum.h>

#include <string>

#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

double weight(const WeightedSumAttrs& a, std::size_t i) { return a.weights.empty() ? 1.0 : a.weights[i]; }

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<WeightedSumAttrs>();
  const std::size_t count = c.operands.size();
  if (!a.weights.empty() && a.weights.size() != count) {
    c.error("expected " + std::to_string(count) + " weights, one for each value, got " +
            std::to_string(a.weights.size()));
    return {};
  }
  if (!expect_scalar(c, 0, "values")) return {};
  for (std::size_t i = 1; i < count; ++i) {
    if (!expect_type(c, i, "values", c.operand(0).dtype, Shape{})) return {};
  }
  return {{c.operand(0).dtype, Shape{}, {}}};
}

void gradient(GradientContext& g) {
  const auto a = g.attrs().as<WeightedSumAttrs>();
  for (std::size_t i = 0; i < g.operand_count(); ++i) {
    // What has no weight has no gradient, and need not be followed any further.
    if (!g.needs(i) || weight(a, i) == 0) continue;
    g.set(i, g.emit(weighted_sum(), "grad_" + std::to_string(i), WeightedSumAttrs{{weight(a, i)}}, {g.grad(0)}));
  }
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<WeightedSumAttrs>();
  double sum = 0;
  for (std::size_t i = 0; i < args.operands.size(); ++i)
    sum += weight(a, i) * static_cast<double>(*args.operands[i].as<T>());
  *args.results[0].as<T>() = static_cast<T>(sum);
}

std::vector<OpCase> cases() {
  const TensorType scalar{DType::f32, Shape{}, {}};
  return {{.name = "three",
           .attrs = WeightedSumAttrs{{1.0, 0.5, -2.0}},
           .operands = {scalar, scalar, scalar},
           .absent = {}},
          {.name = "one", .attrs = WeightedSumAttrs{{0.25}}, .operands = {scalar}, .absent = {}},
          {.name = "no_weights", .attrs = WeightedSumAttrs{}, .operands = {scalar, scalar}, .absent = {}}};
}

}  // namespace

const OpDef& weighted_sum() {
  static const OpDef def =
      OpBuilder<WeightedSumAttrs>("weighted_sum",
                                  "Sum of numbers, each times its weight: the joint loss of several heads.")
          .inputs("values")
          .output("sum")
          .infer(infer)
          .gradient(gradient)
          .reference(run<float>, run<double>)
          .cases(cases)
          .build();
  return def;
}

}  // namespace fcngraph::ops
