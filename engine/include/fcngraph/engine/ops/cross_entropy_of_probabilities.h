// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph {

struct CrossEntropyOfProbabilitiesAttrs {
  std::int64_t ignore = 255;
  double clip = 1e-7;
  static constexpr auto fields() {
    using A = CrossEntropyOfProbabilitiesAttrs;
    return std::tuple{Field{"ignore", &A::ignore, "label of the pixels that do not count"},
                      Field{"clip", &A::clip, "probabilities are held within [clip, 1 - clip] before the logarithm"}};
  }
};

namespace ops {

/// (probabilities[N,C,H,W], labels u8[N,H,W], class_weights[C] or none) -> (loss_sum[N], count[N]): what Keras computes as
/// sparse_categorical_crossentropy(from_logits=False). With q = clip(p, clip, 1 - clip), for each image the sum over its counted
/// pixels of class_weights[label] * (log(sum of q) - log(q[label])), and the number of these pixels. A pixel counts when its label is
/// below C and is not `ignore`. Differentiable in the probabilities by loss_sum; where the clip holds one back, its gradient is 0: a class whose
/// probability has fallen below `clip` costs -log(clip) a pixel, and learns nothing from it.
FCNGRAPH_API const OpDef& cross_entropy_of_probabilities();
/// (probabilities, labels, class_weights or none, grad_loss_sum[N]) -> grad_probabilities
FCNGRAPH_API const OpDef& cross_entropy_of_probabilities_grad();

}  // namespace ops
}  // namespace fcngraph
