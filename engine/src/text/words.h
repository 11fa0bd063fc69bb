// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/engine/graph.h>

namespace fcngraph::text {

/// Words that start a line; a name that is one of them, or that has other characters than names usually have, is quoted.
inline constexpr std::array kKeywords{"input",    "parameter", "trainable", "state",
                                      "constant", "phase",     "output",    "alias"};
inline constexpr std::array kPhases{"feature", "forward", "backward", "update", "setup", "recompute"};
inline constexpr std::array kInitializers{"zeros", "ones", "constant", "he_normal", "glorot_uniform", "bilinear"};
/// What stands for an optional operand that is absent.
inline constexpr std::string_view kAbsent = "_";

/// Letters, digits and `_ . + / -`, of which the last five do not start a name but for `_`.
bool starts_word(char c) noexcept;
bool continues_word(char c) noexcept;

/// The name as the text form writes it: bare where it can be, else quoted.
std::string name_text(std::string_view name);

/// What a constant of this type holds, as text that reads back to the same bytes: a number, a list of at most 16, or hexadecimal.
std::string data_text(const TensorType& type, const std::vector<std::byte>& data);
/// One element from its decimal form, appended to `data`; false when it is none or does not fit.
bool append_number(DType dtype, std::string_view number, std::vector<std::byte>& data);
/// Bytes from hexadecimal digits.
std::optional<std::vector<std::byte>> from_hex(std::string_view digits);

}  // namespace fcngraph::text
