// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/cross_entropy.h>

#include "cross_entropy_rules.h"
#include "flops_per_element.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  if (!cross_entropy_fits(c, "logits", c.attrs.as<CrossEntropyAttrs>().ignore)) return {};
  return image_sums(c);
}

template <class T>
void run(const ReferenceArgs& args) {
  const CrossEntropyInput<T> in(args, args.attrs.as<CrossEntropyAttrs>().ignore);
  const ChannelExtents& e = in.extents;
  sum_losses(args, in, [&](const T* pixel, std::int64_t label) {
    const Exponentials exps = exponentials(pixel, e.channels, e.pixels);
    return std::log(exps.sum) - (static_cast<double>(pixel[label * e.pixels]) - exps.largest);
  });
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
          .gradient([](GradientContext& g) { emit_loss_gradient(g, cross_entropy_grad()); })
          .flops(flops_per_element(4))
          .reference(run<float>, run<double>)
          .cases([] { return cross_entropy_cases<CrossEntropyAttrs>(false, -2, 2); })
          .build();
  return def;
}

}  // namespace fcngraph::ops
