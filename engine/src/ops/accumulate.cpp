// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/accumulate.h>

#include "flops_per_element.h"
#include "operand_checks.h"
#include "update_rules.h"

namespace fcngraph::ops {
namespace {

enum Operand : std::size_t { kSum, kX, kKeep };

std::vector<TensorType> infer(const InferContext& c) {
  const TensorType& sum = c.operand(kSum);
  if (!expect_floating(c, kSum, "sum") || !expect_type(c, kX, "x", sum.dtype, sum.shape)) return {};
  if (!expect_scalar(c, kKeep, "keep")) return {};
  return {{sum.dtype, sum.shape, {}}};
}

template <class T>
void run(const ReferenceArgs& args) {
  const T* sum = args.operands[kSum].as<T>();
  const T* x = args.operands[kX].as<T>();
  const bool keep = scalar_of(args.operands[kKeep]) != 0;
  T* y = args.results[0].as<T>();
  for (std::int64_t i = 0; i < args.results[0].elements(); ++i) y[i] = keep ? sum[i] + x[i] : x[i];
}

}  // namespace

const OpDef& accumulate() {
  static const OpDef def = OpBuilder<NoAttrs>("accumulate", "Adds to a state, or starts it anew.")
                               .state("sum")
                               .input("x")
                               .input("keep")
                               .output("new_sum")
                               .updates(0, kSum)
                               .infer(infer)
                               .flops(flops_per_element(1))
                               .reference(run<float>, run<double>)
                               .cases([] {
                                 const TensorType weight{DType::f32, {4, 3, 3, 3}, {}}, keep{DType::f32, Shape{}, {}};
                                 OpCase add{.name = "adds",
                                            .attrs = NoAttrs{},
                                            .operands = {weight, weight, keep},
                                            .absent = {},
                                            .low = 0.5,
                                            .high = 1.0,
                                            .gradient = false};
                                 OpCase anew = add;
                                 anew.name = "starts_anew";
                                 anew.low = anew.high = 0;
                                 return std::vector<OpCase>{add, anew};
                               })
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
