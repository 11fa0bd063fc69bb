// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// (loss_sum[N], count[N], normalizer[] or none) -> loss[] = sum(loss_sum) / sum(count), or / normalizer where one is
/// given (the pixels of the whole batch, when this is a part of it); 0 where the divisor is 0. The images are summed
/// in double in the tree of pairwise_sum. Differentiable in loss_sum alone.
FCNGRAPH_API const OpDef& mean_loss();
/// (grad[], count[N], normalizer[] or none) -> grad_loss_sum[N]: grad over the divisor for each image, 0 where the
/// divisor is 0.
FCNGRAPH_API const OpDef& mean_loss_grad();

}  // namespace fcngraph::ops
