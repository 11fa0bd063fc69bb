// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/mean_loss.h>

#include "mean_loss_rules.h"

namespace fcngraph::ops {
namespace {

enum Operand : std::size_t { kGrad, kCount, kNormalizer };

std::vector<TensorType> infer(const InferContext& c) {
  if (!c.expect_rank(kCount, 1) || !expect_floating(c, kCount, "count")) return {};
  const TensorType& count = c.operand(kCount);
  if (!expect_type(c, kGrad, "grad", count.dtype, Shape{})) return {};
  if (c.has(kNormalizer) && !expect_type(c, kNormalizer, "normalizer", count.dtype, Shape{})) return {};
  return {{count.dtype, count.shape, {}}};
}

template <class T>
void run(const ReferenceArgs& args) {
  const double divisor = loss_divisor<T>(args);
  const double grad = static_cast<double>(*args.operands[kGrad].as<T>());
  const T value = divisor == 0 ? T(0) : static_cast<T>(grad / divisor);
  std::fill_n(args.results[0].as<T>(), args.operands[kCount].elements(), value);
}

std::vector<OpCase> cases() {
  const TensorType scalar{DType::f32, Shape{}, {}}, images{DType::f32, Shape{5}, {}};
  const OpCase plain{.name = "by_count",
                     .attrs = NoAttrs{},
                     .operands = {scalar, images, scalar},
                     .absent = {false, false, true},
                     .low = 0.5,
                     .high = 2.0,
                     .gradient = false};
  OpCase with = plain;
  with.name = "by_normalizer";
  with.absent[kNormalizer] = false;
  return {plain, with};
}

}  // namespace

const OpDef& mean_loss_grad() {
  static const OpDef def = OpBuilder<NoAttrs>("mean_loss_grad", "Gradient of mean_loss with respect to the sums.")
                               .input("grad")
                               .input("count")
                               .optional_input("normalizer")
                               .output("grad_loss_sum")
                               .infer(infer)
                               .reference(run<float>, run<double>)
                               .cases(cases)
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
