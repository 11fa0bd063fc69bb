// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/add.h>

#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const auto& first = c.operand(0);
  if (!is_floating(first.dtype)) return refuse(c, "expected operands of a floating type, got " + to_string(first));
  for (std::size_t i = 1; i < c.operands.size(); ++i) {
    if (!expect_same(c, i, first)) return {};
  }
  return {plain(first.dtype, first.shape)};
}

template <class T>
void run(const ReferenceArgs& args) {
  T* y = args.results[0].as<T>();
  for (std::int64_t i = 0; i < args.results[0].elements(); ++i) {
    double sum = 0;
    for (const TensorView& x : args.operands) sum += static_cast<double>(x.as<T>()[i]);
    y[i] = static_cast<T>(sum);
  }
}

std::vector<OpCase> cases() {
  const auto make = [](const char* name, std::size_t count, Shape shape) {
    return OpCase{.name = name,
                  .attrs = NoAttrs{},
                  .operands = std::vector(count, plain(DType::f32, std::move(shape))),
                  .absent = {}};
  };
  return {make("two", 2, {2, 3, 4, 5}), make("three", 3, {1, 16, 3, 7}), make("one_pixel", 2, {1, 1, 1, 1}),
          make("one_operand", 1, {1, 2, 3, 1}), make("scalars", 4, {})};
}

}  // namespace

const OpDef& add() {
  static const OpDef def =
      OpBuilder<NoAttrs>("add", "Sum of tensors of one shape.")
          .inputs("x")
          .output("y")
          .infer(infer)
          .gradient([](GradientContext& g) {
            for (std::size_t i = 0; i < g.operand_count(); ++i) {
              if (g.needs(i)) g.set(i, g.grad(0));
            }
          })
          .flops([](const Attrs&, std::span<const TensorType* const> operands,
                    std::span<const TensorType* const> results) {
            return static_cast<double>(operands.size() - 1) * static_cast<double>(results[0]->shape.elements());
          })
          .coord_map([](const Attrs&, std::span<const TensorType* const>) { return CoordMap{}; })
          .reference(run<float>, run<double>)
          .cases(cases)
          .in_place()
          .build();
  return def;
}

}  // namespace fcngraph::ops
