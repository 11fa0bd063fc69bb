// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/relu.h>

namespace fcngraph::ops {
namespace {

template <class T>
void run(const ReferenceArgs& args) {
  const T* x = args.operands[0].as<T>();
  T* y = args.results[0].as<T>();
  // NaN must stay NaN: a comparison the other way round would turn it into 0.
  for (std::int64_t i = 0; i < args.results[0].elements(); ++i) y[i] = x[i] < T(0) ? T(0) : x[i];
}

std::vector<OpCase> cases() {
  return {{.name = "rank4", .attrs = NoAttrs{}, .operands = {{DType::f32, {2, 5, 3, 7}, {}}}, .absent = {}},
          {.name = "one", .attrs = NoAttrs{}, .operands = {{DType::f32, {1, 1, 1, 1}, {}}}, .absent = {}}};
}

}  // namespace

const OpDef& relu() {
  static const OpDef def = OpBuilder<NoAttrs>("relu", "Maximum of the input and zero.")
                               .input("x")
                               .output("y")
                               .infer([](const InferContext& c) { return std::vector{c.operand(0)}; })
                               .gradient([](GradientContext& g) {
                                 g.set(0, g.emit(relu_grad(), "grad", NoAttrs{}, {g.grad(0), g.result(0)}));
                               })
                               .coord_map([](const Attrs&, auto) { return CoordMap{}; })
                               .reference(run<float>, run<double>)
                               .cases(cases)
                               .in_place()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
