// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/cross_entropy.h>

#include "cross_entropy_rules.h"
#include "flops_per_element.h"

namespace fcngraph::ops {
namespace {

enum Result : std::size_t { kLossSum, kCount };

std::vector<TensorType> infer(const InferContext& c) {
  if (!cross_entropy_fits(c, "logits", c.attrs.as<CrossEntropyAttrs>().ignore)) return {};
  const TensorType images{c.operand(kScores).dtype, Shape{c.operand(kScores).shape[0]}, {}};
  return {images, images};
}

void gradient(GradientContext& g) {
  if (!g.grad(kLossSum).valid() || !g.needs(kScores)) return;
  const ValueId weights = g.has_operand(kClassWeights) ? g.operand(kClassWeights) : ValueId{};
  g.set(kScores, g.emit(cross_entropy_grad(), "grad", g.attrs(),
                        {g.operand(kScores), g.operand(kLabels), weights, g.grad(kLossSum)}));
}

template <class T>
void run(const ReferenceArgs& args) {
  const CrossEntropyInput<T> in(args, args.attrs.as<CrossEntropyAttrs>().ignore);
  const ChannelExtents& e = in.extents;
  for (std::int64_t n = 0; n < e.images; ++n) {
    double sum = 0;
    std::int64_t count = 0;
    for (std::int64_t p = 0; p < e.pixels; ++p) {
      const std::int64_t label = in.labels[n * e.pixels + p];
      if (!in.counts(label)) continue;
      const T* pixel = in.scores + n * e.channels * e.pixels + p;
      const Exponentials exps = exponentials(pixel, e.channels, e.pixels);
      sum += in.weight(label) * (std::log(exps.sum) - (static_cast<double>(pixel[label * e.pixels]) - exps.largest));
      ++count;
    }
    if (args.results[kLossSum].present()) args.results[kLossSum].as<T>()[n] = static_cast<T>(sum);
    if (args.results[kCount].present()) args.results[kCount].as<T>()[n] = static_cast<T>(count);
  }
}

}  // namespace

const OpDef& cross_entropy() {
  static const OpDef def =
      OpBuilder<CrossEntropyAttrs>("cross_entropy",
                                   "Cross entropy of the softmax of logits: sums and numbers of pixels for each image.")
          .input("logits")
          .input("labels")
          .optional_input("class_weights")
          .output("loss_sum")
          .output("count")
          .infer(infer)
          .gradient(gradient)
          .flops(flops_per_element(4))
          .reference(run<float>, run<double>)
          .cases([] { return cross_entropy_cases<CrossEntropyAttrs>(false, -2, 2); })
          .build();
  return def;
}

}  // namespace fcngraph::ops
