// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph {

struct CrossEntropyAttrs {
  std::int64_t ignore = 255;
  static constexpr auto fields() {
    return std::tuple{Field{"ignore", &CrossEntropyAttrs::ignore, "label of the pixels that do not count"}};
  }
};

namespace ops {

/// (logits[N,C,H,W], labels u8[N,H,W], class_weights[C] or none) -> (loss_sum[N], count[N]): for each image the sum
/// over its counted pixels of class_weights[label] * -log(softmax(logits)[label]), and the number of these pixels. A
/// pixel counts when its label is below C and is not `ignore`. Differentiable in the logits, by loss_sum.
FCNGRAPH_API const OpDef& cross_entropy();
/// (logits, labels, class_weights or none, grad_loss_sum[N]) -> grad_logits
FCNGRAPH_API const OpDef& cross_entropy_grad();

}  // namespace ops
}  // namespace fcngraph
