// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// y[n,c,...] = exp(x[n,c,...]) / sum over channels of exp(x), the maximum subtracted first. x [N,C], [N,C,L] or
/// [N,C,H,W].
FCNGRAPH_API const OpDef& softmax();
/// (grad_y, y) -> grad_x = y * (grad_y - sum over channels of grad_y * y)
FCNGRAPH_API const OpDef& softmax_grad();

}  // namespace fcngraph::ops
