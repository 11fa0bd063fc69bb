// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/relu.h>

namespace fcngraph::ops {
namespace {

template <class T>
void run(const ReferenceArgs& args) {
  const T* grad_y = args.operands[0].as<T>();
  const T* y = args.operands[1].as<T>();
  T* grad_x = args.results[0].as<T>();
  for (std::int64_t i = 0; i < args.results[0].elements(); ++i) grad_x[i] = y[i] > T(0) ? grad_y[i] : T(0);
}

}  // namespace

const OpDef& relu_grad() {
  static const OpDef def =
      OpBuilder<NoAttrs>("relu_grad", "Gradient of relu from its output.")
          .input("grad_y")
          .input("y")
          .output("grad_x")
          .infer([](const InferContext& c) { return std::vector{c.operand(0)}; })
          .reference(run<float>, run<double>)
          .cases([] {
            const TensorType t{DType::f32, {2, 3, 4, 5}, {}};
            return std::vector<OpCase>{
                {.name = "rank4", .attrs = NoAttrs{}, .operands = {t, t}, .absent = {}, .gradient = false}};
          })
          .in_place()
          .internal()
          .build();
  return def;
}

}  // namespace fcngraph::ops
