// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// y = sum of one or more tensors of one dtype and shape, in the order of the operands. The gradient of each is y's.
FCNGRAPH_API const OpDef& add();

}  // namespace fcngraph::ops
