// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/cross_entropy.h>

#include "cross_entropy_rules.h"
#include "flops_per_element.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  if (!cross_entropy_fits(c, "logits", c.attrs.as<CrossEntropyAttrs>().ignore)) return {};
  const TensorType& logits = c.operand(kScores);
  if (!expect_type(c, kGradLossSum, "grad_loss_sum", logits.dtype, Shape{logits.shape[0]})) return {};
  return {{logits.dtype, logits.shape, {}}};
}

// grad_logits may lie where the logits do: a pixel's sum is complete before its first channel is written.
template <class T>
void run(const ReferenceArgs& args) {
  const CrossEntropyInput<T> in(args, args.attrs.as<CrossEntropyAttrs>().ignore);
  const ChannelExtents& e = in.extents;
  const T* grad_loss_sum = args.operands[kGradLossSum].as<T>();
  T* grad_logits = args.results[0].as<T>();
  for (std::int64_t n = 0; n < e.images; ++n) {
    for (std::int64_t p = 0; p < e.pixels; ++p) {
      const std::int64_t label = in.labels[n * e.pixels + p];
      const std::int64_t first = n * e.channels * e.pixels + p;
      const bool counts = in.counts(label);
      const Exponentials exps = counts ? exponentials(in.scores + first, e.channels, e.pixels) : Exponentials{};
      const double factor = counts ? in.weight(label) * static_cast<double>(grad_loss_sum[n]) : 0.0;
      for (std::int64_t c = 0; c < e.channels; ++c) {
        const std::int64_t i = first + c * e.pixels;
        const double probability = counts ? std::exp(static_cast<double>(in.scores[i]) - exps.largest) / exps.sum : 0.0;
        grad_logits[i] = counts ? static_cast<T>(factor * (probability - (c == label ? 1.0 : 0.0))) : T(0);
      }
    }
  }
}

}  // namespace

const OpDef& cross_entropy_grad() {
  static const OpDef def =
      OpBuilder<CrossEntropyAttrs>("cross_entropy_grad", "Gradient of cross_entropy with respect to the logits.")
          .input("logits")
          .input("labels")
          .optional_input("class_weights")
          .input("grad_loss_sum")
          .output("grad_logits")
          .infer(infer)
          .flops(flops_per_element(6))
          .reference(run<float>, run<double>)
          .cases([] { return cross_entropy_cases<CrossEntropyAttrs>(true, -2, 2); })
          .in_place()
          .internal()
          .build();
  return def;
}

}  // namespace fcngraph::ops
