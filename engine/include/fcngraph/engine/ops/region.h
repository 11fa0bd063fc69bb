// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// A group of nodes that a backend runs as one step. The node's body is a graph that has no parameters and no states:
/// its inputs are the operands in order, its outputs the results in order. What a region means is its body. Made by
/// fuse_regions, after differentiation, so it has no gradient.
FCNGRAPH_API const OpDef& region();

}  // namespace fcngraph::ops
