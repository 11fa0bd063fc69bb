// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/dsl/model_spec.h>

#include "toml_tree.h"

namespace fcngraph::dsl {

/// Writes the blocks of a model out and ties its parts together: unique names (E0201), taps that exist (E0205), and every `from`,
/// `fuse` and `inputs` names something before it (E0203, E0204). `open_backbone` says that the backbone's file could not be read,
/// so that nothing can be said about names in it.
void check_references(const TomlValue& document, bool open_backbone, ModelSpec& spec, Diagnostics& diagnostics);
/// The names of stages, the heads that they train, and the stages that they start from.
void check_stages(const ModelSpec& spec, Diagnostics& diagnostics);

}  // namespace fcngraph::dsl
