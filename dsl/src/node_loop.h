// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <fcngraph/dsl/model_spec.h>

#include "toml_tree.h"

namespace fcngraph::dsl {

/// Reports (E0204) that node `index` of a list reads `name`, when that is itself or a node declared below it; a loop is named
/// all around. False when `name` is neither.
bool report_order(std::span<const TomlValue> list, std::size_t index, const Spanned<std::string>& name,
                  std::int64_t repetition, Diagnostics& diagnostics);

}  // namespace fcngraph::dsl
