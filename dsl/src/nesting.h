// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace fcngraph::dsl {

/// A line and a column, from 1, in bytes.
struct TextPlace {
  int line = 1;
  int column = 1;
};

/// Where a TOML text first nests brackets or dotted keys too deep to be handed to a recursive parser, or nullopt. `a.a.a. ...` a
/// million times over is a table in a table a million deep, and a parser that is content with it dies when it lets go of it.
std::optional<TextPlace> too_deep(std::string_view text);

}  // namespace fcngraph::dsl
