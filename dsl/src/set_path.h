// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "toml_tree.h"

namespace fcngraph::dsl {

/// One `--set a.b.c=value`. Its places lie in a pseudo file whose text is the option as typed.
struct SetRequest {
  struct Segment {
    std::string text;
    SourceSpan span;
  };
  std::vector<Segment> segments;
  TomlValue value;
};

/// Takes the option apart; a text without '=' or with an empty part is reported (E0110). The value is TOML where it parses as
/// TOML, and a string otherwise.
std::optional<SetRequest> parse_set(const std::string& text, Diagnostics& diagnostics);

/// Writes the value into the document. Tables that are missing are made (a wrong key in them is the typed reader's to report);
/// members of `[[head]]`, `[[node]]` and `[[dense_conv]]` are found by name, and one that does not exist is E0110.
void apply_set(TomlValue& document, const SetRequest& request, Diagnostics& diagnostics);

}  // namespace fcngraph::dsl
