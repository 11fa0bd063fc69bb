// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/cross_entropy_of_probabilities.h>

#include "clipped_probabilities.h"
#include "cross_entropy_rules.h"
#include "flops_per_element.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  if (!clipped_cross_entropy_fits(c)) return {};
  return image_sums(c);
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<CrossEntropyOfProbabilitiesAttrs>();
  const CrossEntropyInput<T> in(args, a.ignore);
  sum_losses(args, in, [&](const T* pixel, std::int64_t label) {
    const ClippedProbabilities<T> q{pixel, in.extents.pixels, a.clip};
    return std::log(q.sum(in.extents.channels)) - std::log(q[label]);
  });
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
          .gradient([](GradientContext& g) { emit_loss_gradient(g, cross_entropy_of_probabilities_grad()); })
          .flops(flops_per_element(3))
          .reference(run<float>, run<double>)
          .cases([] { return cross_entropy_cases<CrossEntropyOfProbabilitiesAttrs>(false, 0.05, 0.95); })
          .build();
  return def;
}

}  // namespace fcngraph::ops
