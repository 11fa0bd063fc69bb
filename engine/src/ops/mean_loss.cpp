// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/mean_loss.h>

#include "flops_per_element.h"
#include "mean_loss_rules.h"

namespace fcngraph::ops {
namespace {

enum Operand : std::size_t { kLossSum, kCount, kNormalizer };

std::vector<TensorType> infer(const InferContext& c) {
  if (!c.expect_rank(kLossSum, 1) || !expect_floating(c, kLossSum, "loss_sum")) return {};
  const TensorType& sums = c.operand(kLossSum);
  if (!expect_type(c, kCount, "count", sums.dtype, sums.shape)) return {};
  if (c.has(kNormalizer) && !expect_type(c, kNormalizer, "normalizer", sums.dtype, Shape{})) return {};
  return {{sums.dtype, Shape{}, {}}};
}

void gradient(GradientContext& g) {
  if (!g.needs(kLossSum)) return;
  const ValueId normalizer = g.has_operand(kNormalizer) ? g.operand(kNormalizer) : ValueId{};
  g.set(kLossSum, g.emit(mean_loss_grad(), "grad", NoAttrs{}, {g.grad(0), g.operand(kCount), normalizer}));
}

template <class T>
void run(const ReferenceArgs& args) {
  const double divisor = loss_divisor<T>(args);
  *args.results[0].as<T>() = divisor == 0 ? T(0) : static_cast<T>(image_sum<T>(args.operands[kLossSum]) / divisor);
}

std::vector<OpCase> cases() {
  const TensorType scalar{DType::f32, Shape{}, {}};
  std::vector<OpCase> out;
  for (const std::int64_t images : {1, 2, 7, 8}) {
    const TensorType sums{DType::f32, Shape{images}, {}};
    const OpCase one{.name = "images" + std::to_string(images),
                     .attrs = NoAttrs{},
                     .operands = {sums, sums, scalar},
                     .absent = {false, false, true},
                     .low = 0.5,
                     .high = 2.0};
    out.push_back(one);
    out.push_back(one);
    out.back().name += "_normalizer";
    out.back().absent[kNormalizer] = false;
  }
  return out;
}

}  // namespace

const OpDef& mean_loss() {
  static const OpDef def =
      OpBuilder<NoAttrs>("mean_loss", "Mean over the counted pixels of a batch; 0 where there are none.")
          .input("loss_sum")
          .input("count")
          .optional_input("normalizer")
          .output("loss")
          .infer(infer)
          .gradient(gradient)
          .flops(flops_per_element(2))
          .reference(run<float>, run<double>)
          .cases(cases)
          .build();
  return def;
}

}  // namespace fcngraph::ops
