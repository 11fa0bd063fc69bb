// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/gradient_norm.h>

#include "flops_per_element.h"
#include "update_rules.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const TensorType& grad = c.operand(0);
  if (!expect_floating(c, 0, "grad") || !expect_type(c, 1, "param", grad.dtype, grad.shape)) return {};
  if (c.has(2) && !expect_scalar(c, 2, "loss_scale")) return {};
  return {{grad.dtype, grad.shape, {}}};
}

template <class T>
void run(const ReferenceArgs& args) {
  const double factor = 2 * args.attrs.as<L2GradAttrs>().value * scalar_of(optional_view(args.operands, 2));
  const T* grad = args.operands[0].as<T>();
  const T* param = args.operands[1].as<T>();
  T* sum = args.results[0].as<T>();
  const std::int64_t count = args.operands[0].elements();
  for (std::int64_t i = 0; i < count; ++i)
    sum[i] = static_cast<T>(static_cast<double>(grad[i]) + factor * static_cast<double>(param[i]));
}

}  // namespace

const OpDef& l2_grad() {
  static const OpDef def =
      OpBuilder<L2GradAttrs>("l2_grad", "Gradient of a parameter and of its L2 term together.")
          .input("grad")
          .input("param")
          .optional_input("loss_scale")
          .output("sum")
          .infer(infer)
          .flops(flops_per_element(2))
          .reference(run<float>, run<double>)
          .cases([] {
            const TensorType weight{DType::f32, {4, 3, 3, 3}, {}}, bias{DType::f32, Shape{5}, {}},
                scalar{DType::f32, Shape{}, {}};
            return std::vector<OpCase>{
                {.name = "weight",
                 .attrs = L2GradAttrs{0.125},
                 .operands = {weight, weight},
                 .absent = {},
                 .gradient = false},
                {.name = "bias", .attrs = L2GradAttrs{}, .operands = {bias, bias}, .absent = {}, .gradient = false},
                {.name = "scaled",
                 .attrs = L2GradAttrs{0.125},
                 .operands = {weight, weight, scalar},
                 .absent = {},
                 .gradient = false}};
          })
          .in_place()
          .internal()
          .build();
  return def;
}

}  // namespace fcngraph::ops
