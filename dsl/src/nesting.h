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

/// Where a TOML text first has more of something than a parser can be handed, and what.
struct Excess {
  TextPlace place;
  std::string_view what;  ///< "the file ..."
};

/// Brackets or dotted keys that nest too deep for a recursive parser: `a.a.a. ...` a million times over is a table in a table a
/// million deep, and a parser that is content with it dies when it lets go of it. Or so many keys, tables and lists that their
/// values, which are larger than their text, would fill the memory. Nullopt for every file that a model could be.
std::optional<Excess> find_excess(std::string_view text);

}  // namespace fcngraph::dsl
