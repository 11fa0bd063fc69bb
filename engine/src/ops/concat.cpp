// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/concat.h>

#include <algorithm>

#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  if (!expect_features(c, 0)) return {};
  TensorType y = plain(c.operand(0).dtype, c.operand(0).shape);
  for (std::size_t i = 1; i < c.operands.size(); ++i) {
    if (!expect_features(c, i)) return {};
    TensorType like = y;
    like.shape[1] = c.operand(i).shape[1];
    if (!expect_same(c, i, like)) return {};
    y.shape[1] = checked_add(y.shape[1], like.shape[1]);
  }
  return {y};
}

void gradient(GradientContext& g) {
  std::int64_t first = 0;
  for (std::size_t i = 0; i < g.operand_count(); ++i) {
    const std::int64_t count = g.operand_type(i).shape[1];
    if (g.needs(i))
      g.set(i, g.emit(slice_channels(), "grad." + std::to_string(i), SliceChannelsAttrs{first, count}, {g.grad(0)}));
    first += count;
  }
}

template <class T>
void run(const ReferenceArgs& args) {
  T* y = args.results[0].as<T>();
  for (std::int64_t n = 0; n < args.results[0].dim(0); ++n) {
    for (const TensorView& x : args.operands) {
      const std::int64_t image = x.dim(1) * x.dim(2) * x.dim(3);
      y = std::copy_n(x.as<T>() + n * image, image, y);
    }
  }
}

std::vector<OpCase> cases() {
  const auto make = [](const char* name, std::vector<Shape> shapes) {
    OpCase one{.name = name, .attrs = NoAttrs{}, .operands = {}, .absent = {}};
    for (Shape& shape : shapes) one.operands.push_back(plain(DType::f32, std::move(shape)));
    return one;
  };
  return {make("two", {{2, 3, 4, 5}, {2, 2, 4, 5}}), make("three", {{1, 1, 3, 2}, {1, 4, 3, 2}, {1, 2, 3, 2}}),
          make("blocks", {{1, 16, 5, 3}, {1, 32, 5, 3}}), make("one_pixel", {{2, 1, 1, 1}, {2, 1, 1, 1}}),
          make("one_operand", {{1, 3, 2, 2}})};
}

}  // namespace

const OpDef& concat() {
  static const OpDef def = OpBuilder<NoAttrs>("concat", "Tensors joined along their channels.")
                               .inputs("x")
                               .output("y")
                               .infer(infer)
                               .gradient(gradient)
                               .coord_map([](const Attrs&, std::span<const TensorType* const>) { return CoordMap{}; })
                               .reference(run<float>, run<double>)
                               .cases(cases)
                               .build();
  return def;
}

}  // namespace fcngraph::ops
