// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include <fcngraph/dsl/model_spec.h>

#include "names.h"
#include "scope.h"
#include "toml_tree.h"

namespace fcngraph::dsl {

/// Writes a list of `[[node]]` out: `blocks` is the table of `[block.NAME]` (or null), `scope` what the nodes may read, extended
/// by what they define. Every NodeSpec of the result
///  - has an op, no block and `repeat` 1, and a full name that `names` has not seen before;
///  - has at least one input, each the full name of a node before it or of something that `scope` came with;
///  - holds no "$parameter" and no "{i}".
/// Mistakes are reported and the node is left out, or reads what is before it, so that the rest is still checked. Growth is
/// bounded: 100 000 nodes, blocks in blocks 16 deep.
std::vector<NodeSpec> expand(const TomlValue* blocks, std::span<const TomlValue> nodes, Scope& scope, NameTable& names,
                             Diagnostics& diagnostics);

}  // namespace fcngraph::dsl
