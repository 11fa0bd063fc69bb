// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/cross_entropy_of_probabilities.h>

#include "clipped_probabilities.h"
#include "cross_entropy_rules.h"
#include "flops_per_element.h"

namespace fcngraph::ops {
namespace {

enum Result : std::size_t { kLossSum, kCount };

std::vector<TensorType> infer(const InferContext& c) {
  if (!clipped_cross_entropy_fits(c)) return {};
  const TensorType images{c.operand(kScores).dtype, Shape{c.operand(kScores).shape[0]}, {}};
  return {images, images};
}

void gradient(GradientContext& g) {
  if (!g.grad(kLossSum).valid() || !g.needs(kScores)) return;
  const ValueId weights = g.has_operand(kClassWeights) ? g.operand(kClassWeights) : ValueId{};
  g.set(kScores, g.emit(cross_entropy_of_probabilities_grad(), "grad", g.attrs(),
                        {g.operand(kScores), g.operand(kLabels), weights, g.grad(kLossSum)}));
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<CrossEntropyOfProbabilitiesAttrs>();
  const CrossEntropyInput<T> in(args, a.ignore);
  const ChannelExtents& e = in.extents;
  for (std::int64_t n = 0; n < e.images; ++n) {
    double sum = 0;
    std::int64_t count = 0;
    for (std::int64_t p = 0; p < e.pixels; ++p) {
      const std::int64_t label = in.labels[n * e.pixels + p];
      if (!in.counts(label)) continue;
      const ClippedProbabilities<T> q{in.scores + n * e.channels * e.pixels + p, e.pixels, a.clip};
      sum += in.weight(label) * (std::log(q.sum(e.channels)) - std::log(q[label]));
      ++count;
    }
    if (args.results[kLossSum].present()) args.results[kLossSum].as<T>()[n] = static_cast<T>(sum);
    if (args.results[kCount].present()) args.results[kCount].as<T>()[n] = static_cast<T>(count);
  }
}

}  // namespace

const OpDef& cross_entropy_of_probabilities() {
  static const OpDef def =
      OpBuilder<CrossEntropyOfProbabilitiesAttrs>(
          "cross_entropy_of_probabilities",
          "Cross entropy of clipped probabilities, as Keras computes it: sums and numbers of pixels for each image.")
          .input("probabilities")
          .input("labels")
          .optional_input("class_weights")
          .output("loss_sum")
          .output("count")
          .infer(infer)
          .gradient(gradient)
          .flops(flops_per_element(3))
          .reference(run<float>, run<double>)
          .cases([] { return cross_entropy_cases<CrossEntropyOfProbabilitiesAttrs>(false, 0.05, 0.95); })
          .build();
  return def;
}

}  // namespace fcngraph::ops
