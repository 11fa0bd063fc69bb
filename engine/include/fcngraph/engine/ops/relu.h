// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// y = max(x, 0), any shape.
FCNGRAPH_API const OpDef& relu();
/// grad_x = grad_y where y > 0, else 0. Reads the output, so that a convolution fused with its ReLU needs nothing else.
FCNGRAPH_API const OpDef& relu_grad();

}  // namespace fcngraph::ops
