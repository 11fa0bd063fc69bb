// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/scale.h>

#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const auto& x = c.operand(0);
  if (!is_floating(x.dtype)) return refuse(c, "expected an input of a floating type, got " + to_string(x));
  if (c.has(1)) {
    const auto& factor = c.operand(1);
    if (factor.shape.rank() != 0 || (factor.dtype != DType::f32 && factor.dtype != DType::f64)) {
      return refuse(c, "expected a factor f32[], got " + to_string(factor));
    }
  }
  return {plain(x.dtype, x.shape)};
}

void gradient(GradientContext& g) {
  std::vector<ValueId> operands{g.grad(0)};
  if (g.has_operand(1)) operands.push_back(g.operand(1));
  if (g.needs(0)) g.set(0, g.emit(scale(), "grad", g.attrs(), std::move(operands)));
}

double factor_of(const ReferenceArgs& args) {
  const double value = args.attrs.as<ScaleAttrs>().value;
  if (args.operands.size() < 2 || !args.operands[1].present()) return value;
  const TensorView& factor = args.operands[1];
  return value * (factor.type->dtype == DType::f64 ? *factor.as<double>() : static_cast<double>(*factor.as<float>()));
}

template <class T>
void run(const ReferenceArgs& args) {
  const double factor = factor_of(args);
  const T* x = args.operands[0].as<T>();
  T* y = args.results[0].as<T>();
  for (std::int64_t i = 0; i < args.results[0].elements(); ++i)
    y[i] = static_cast<T>(static_cast<double>(x[i]) * factor);
}

std::vector<OpCase> cases() {
  const auto make = [](const char* name, Shape x, double value, bool factor) {
    return OpCase{.name = name,
                  .attrs = ScaleAttrs{value},
                  .operands = {plain(DType::f32, std::move(x)), plain(DType::f32, {})},
                  .absent = {false, !factor}};
  };
  return {make("value", {2, 3, 4, 5}, -0.25, false), make("factor", {1, 16, 3, 2}, 1.0, true),
          make("both", {2, 2, 1, 3}, 3.0, true), make("scalar", {}, 0.5, true), make("zero", {1, 1, 1, 1}, 0.0, false)};
}

}  // namespace

const OpDef& scale() {
  static const OpDef def =
      OpBuilder<ScaleAttrs>("scale", "The input times a number.")
          .input("x")
          .optional_state("factor")
          .output("y")
          .infer(infer)
          .gradient(gradient)
          .flops([](const Attrs&, std::span<const TensorType* const>, std::span<const TensorType* const> results) {
            return static_cast<double>(results[0]->shape.elements());
          })
          .coord_map([](const Attrs&, std::span<const TensorType* const>) { return CoordMap{}; })
          .reference(run<float>, run<double>)
          .cases(cases)
          .in_place()
          .build();
  return def;
}

}  // namespace fcngraph::ops
