// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// x [N, C, H, W] -> u8 [N, H, W]: the channel with the largest value. The lowest channel wins ties; NaN never wins,
/// and a pixel that is NaN in every channel is 0. C is 255 at most. Not differentiable.
FCNGRAPH_API const OpDef& argmax();

}  // namespace fcngraph::ops
