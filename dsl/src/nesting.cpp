// SPDX-License-Identifier: Apache-2.0
#include "nesting.h"

#include <cstddef>

namespace fcngraph::dsl {
namespace {

constexpr int kBrackets = 24;
constexpr int kDots = 24;
constexpr int kParts = 100'000;

/// Steps over the string that starts at `at`; unterminated ones end with their line, or with the text.
std::size_t skip_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const bool basic = quote == '"';
  const bool multiline = at + 2 < text.size() && text[at + 1] == quote && text[at + 2] == quote;
  std::size_t i = at + (multiline ? 3 : 1);
  while (i < text.size()) {
    if (basic && text[i] == '\\') {
      i += 2;
      continue;
    }
    if (!multiline && (text[i] == quote || text[i] == '\n')) return text[i] == '\n' ? i : i + 1;
    if (multiline && text.substr(i, 3) == text.substr(at, 3)) return i + 3;
    ++i;
  }
  return text.size();
}

TextPlace place_of(std::string_view text, std::size_t at) {
  TextPlace place;
  for (std::size_t i = 0; i < at; ++i) {
    ++place.column;
    if (text[i] == '\n') place = {place.line + 1, 1};
  }
  return place;
}

}  // namespace

std::optional<Excess> find_excess(std::string_view text) {
  int brackets = 0;
  int dots = 0;
  int parts = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = skip_string(text, i);
      continue;
    }
    if (c == '#') {
      while (i < text.size() && text[i] != '\n') ++i;
      continue;
    }
    if (c == '[' || c == '{') ++brackets;
    if ((c == ']' || c == '}') && brackets > 0) --brackets;
    if (c == '.') ++dots;
    if (c == '\n' || c == ',' || c == '=' || c == '[' || c == ']' || c == '{' || c == '}') dots = 0;
    if (c == '[' || c == '{' || c == '=' || c == ',') ++parts;
    if (brackets > kBrackets || dots > kDots)
      return Excess{place_of(text, i), "the file nests deeper than a model file ever needs"};
    if (parts > kParts)
      return Excess{place_of(text, i), "the file has more keys and lists than a model file ever needs"};
    ++i;
  }
  return std::nullopt;
}

}  // namespace fcngraph::dsl
