// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// (sum, x, keep f32[]) -> sum + x where keep is not 0, else x: gradients of the parts of a batch add up in a state, and the
/// first part starts anew. Any shape; the state is changed in place.
FCNGRAPH_API const OpDef& accumulate();

}  // namespace fcngraph::ops
