// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/engine/diagnostics.h>

namespace fcngraph::dsl {

struct TomlEntry;

/// A value of a TOML document with its place. Tables keep the order of the file. Nothing but toml_tree.cpp knows the parser.
struct TomlValue {
  enum class Kind { boolean, integer, floating, string, array, table };

  Kind kind = Kind::table;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0.0;
  std::string text;
  std::vector<TomlValue> items;
  std::vector<TomlEntry> entries;
  SourceSpan span;

  bool is_table() const noexcept { return kind == Kind::table; }
  bool is_array() const noexcept { return kind == Kind::array; }
  bool is_string() const noexcept { return kind == Kind::string; }
  /// Not empty, and tables only: what `[[name]]` writes.
  bool is_array_of_tables() const noexcept;

  /// The member of a table, or null.
  const TomlValue* find(std::string_view key) const noexcept;
  TomlValue* find(std::string_view key) noexcept;
  /// Replaces or appends a member.
  TomlValue& assign(std::string key, SourceSpan key_span, TomlValue value);
  void erase(std::string_view key);
  std::vector<std::string> keys() const;

  static TomlValue string(std::string text, SourceSpan span);
  static TomlValue table(SourceSpan span);
};

struct TomlEntry {
  std::string key;
  SourceSpan key_span;
  TomlValue value;
};

/// How a value reads in a message: `"all"`, `3`, `[1, 2]`, `a table`; long ones are cut.
std::string describe(const TomlValue& value);

/// Parses a text. A syntax error is reported (E0101) and gives nullopt; so is nesting deeper than 48, before any recursion.
std::optional<TomlValue> parse_toml(const std::shared_ptr<const SourceFile>& file, Diagnostics& diagnostics);

/// The value that `text` spells as TOML, or nullopt where it spells none (`all` without quotes). Its place is `span`'s file and
/// line, from `span.column` on.
std::optional<TomlValue> parse_toml_value(std::string_view text, const SourceSpan& span);

}  // namespace fcngraph::dsl
