// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// The same tensor in another layout, which is that of the result's type. Made by insert_reorders.
FCNGRAPH_API const OpDef& reorder();

}  // namespace fcngraph::ops
