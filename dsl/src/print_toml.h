// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "toml_tree.h"

namespace fcngraph::dsl {

/// The document as TOML text that parses to the same values: `[table]` headers, `[[table]]` for lists of tables, everything
/// else on one line. Comments and the layout of the original are not kept.
std::string print_toml(const TomlValue& document);

}  // namespace fcngraph::dsl
