// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/gradient_norm.h>

#include <algorithm>
#include <vector>

#include "flops_per_element.h"
#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

template <class T>
void run(const ReferenceArgs& args) {
  const T* x = args.operands[0].as<T>();
  const std::int64_t count = args.operands[0].elements();
  std::vector<double> blocks;
  for (std::int64_t i = 0; i < count; i += kSumSquaresBlock)
    blocks.push_back(block_sum_squares(x + i, std::min(kSumSquaresBlock, count - i)));
  *args.results[0].as<double>() = pairwise_sum(blocks);
}

}  // namespace

const OpDef& sum_squares() {
  static const OpDef def = OpBuilder<NoAttrs>("sum_squares", "Sum of squares in double, in a fixed tree.")
                               .input("x")
                               .output("sum")
                               .infer([](const InferContext& c) {
                                 if (!expect_floating(c, 0, "x")) return std::vector<TensorType>{};
                                 return std::vector<TensorType>{{DType::f64, Shape{}, {}}};
                               })
                               .flops(flops_per_element(2))
                               .reference(run<float>, run<double>)
                               .cases([] {
                                 std::vector<OpCase> out;
                                 for (const std::int64_t n : {1, 9, 4096, 4097, 13000}) {
                                   out.push_back({.name = "elements" + std::to_string(n),
                                                  .attrs = NoAttrs{},
                                                  .operands = {{DType::f32, Shape{n}, {}}},
                                                  .absent = {},
                                                  .gradient = false});
                                 }
                                 return out;
                               })
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
