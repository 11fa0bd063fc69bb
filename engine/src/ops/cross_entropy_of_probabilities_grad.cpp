// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/cross_entropy_of_probabilities.h>

#include "clipped_probabilities.h"
#include "cross_entropy_rules.h"
#include "flops_per_element.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  if (!clipped_cross_entropy_fits(c)) return {};
  const TensorType& probabilities = c.operand(kScores);
  if (!expect_type(c, kGradLossSum, "grad_loss_sum", probabilities.dtype, Shape{probabilities.shape[0]})) return {};
  return {{probabilities.dtype, probabilities.shape, {}}};
}

// grad_probabilities may lie where the probabilities do: a pixel is read before its first channel is written.
template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<CrossEntropyOfProbabilitiesAttrs>();
  const CrossEntropyInput<T> in(args, a.ignore);
  const ChannelExtents& e = in.extents;
  const T* grad_loss_sum = args.operands[kGradLossSum].as<T>();
  T* grad = args.results[0].as<T>();
  for (std::int64_t n = 0; n < e.images; ++n) {
    for (std::int64_t p = 0; p < e.pixels; ++p) {
      const std::int64_t label = in.labels[n * e.pixels + p];
      const std::int64_t first = n * e.channels * e.pixels + p;
      const bool counts = in.counts(label);
      const ClippedProbabilities<T> q{in.scores + first, e.pixels, a.clip};
      const double factor = counts ? in.weight(label) * static_cast<double>(grad_loss_sum[n]) : 0.0;
      const double inverse_sum = counts ? 1 / q.sum(e.channels) : 0.0;
      const double of_label = counts ? 1 / q[label] : 0.0;
      for (std::int64_t c = 0; c < e.channels; ++c) {
        const bool learns = counts && !q.is_clipped(c);
        grad[first + c * e.pixels] =
            learns ? static_cast<T>(factor * (inverse_sum - (c == label ? of_label : 0.0))) : T(0);
      }
    }
  }
}

}  // namespace

const OpDef& cross_entropy_of_probabilities_grad() {
  static const OpDef def =
      OpBuilder<CrossEntropyOfProbabilitiesAttrs>("cross_entropy_of_probabilities_grad",
                                                  "Gradient of cross_entropy_of_probabilities in the probabilities.")
          .input("probabilities")
          .input("labels")
          .optional_input("class_weights")
          .input("grad_loss_sum")
          .output("grad_probabilities")
          .infer(infer)
          .flops(flops_per_element(3))
          .reference(run<float>, run<double>)
          .cases([] { return cross_entropy_cases<CrossEntropyOfProbabilitiesAttrs>(true, 0.05, 0.95); })
          .in_place()
          .internal()
          .build();
  return def;
}

}  // namespace fcngraph::ops
