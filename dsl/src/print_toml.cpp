// SPDX-License-Identifier: Apache-2.0
#include "print_toml.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace fcngraph::dsl {
namespace {

std::string print_string(const std::string& text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string print_key(const std::string& key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return bare ? key : print_string(key);
}

std::string print_number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 40> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  (void)error;
  std::string out(text.data(), end);
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

std::string print_inline(const TomlValue& value) {
  std::string out;
  switch (value.kind) {
    case TomlValue::Kind::boolean:
      return value.boolean ? "true" : "false";
    case TomlValue::Kind::integer:
      return std::to_string(value.integer);
    case TomlValue::Kind::floating:
      return print_number(value.number);
    case TomlValue::Kind::string:
      return print_string(value.text);
    case TomlValue::Kind::array:
      for (const auto& item : value.items) out += (out.empty() ? "" : ", ") + print_inline(item);
      return "[" + out + "]";
    case TomlValue::Kind::table:
      break;
  }
  for (const auto& entry : value.entries) {
    out += (out.empty() ? " " : ", ") + print_key(entry.key) + " = " + print_inline(entry.value);
  }
  return "{" + out + (out.empty() ? "}" : " }");
}

/// Tables without tables in them read better on one line, where they are short and lie below the top.
bool fits_inline(const TomlValue& value, bool top) {
  if (!value.is_table() || top) return false;
  for (const auto& entry : value.entries) {
    if (entry.value.is_table() || entry.value.is_array_of_tables()) return false;
  }
  return print_inline(value).size() <= 100;
}

void print_table(const TomlValue& table, const std::string& path, std::string& out) {
  const bool top = path.empty();
  const auto is_line = [&](const TomlValue& value) {
    return value.is_table() ? fits_inline(value, top) : !value.is_array_of_tables();
  };
  for (const auto& entry : table.entries) {
    if (is_line(entry.value)) out += print_key(entry.key) + " = " + print_inline(entry.value) + "\n";
  }
  for (const auto& entry : table.entries) {
    if (is_line(entry.value)) continue;
    const std::string inner = (top ? "" : path + ".") + print_key(entry.key);
    if (entry.value.is_table()) {
      const auto& members = entry.value.entries;
      // A table of tables needs no header of its own.
      const bool bare = !members.empty() && std::none_of(members.begin(), members.end(), [](const TomlEntry& m) {
        return m.value.is_table() ? fits_inline(m.value, false) : !m.value.is_array_of_tables();
      });
      if (!bare) out += "\n[" + inner + "]\n";
      print_table(entry.value, inner, out);
      continue;
    }
    for (const auto& item : entry.value.items) {
      out += "\n[[" + inner + "]]\n";
      print_table(item, inner, out);
    }
  }
}

}  // namespace

std::string print_toml(const TomlValue& document) {
  std::string out;
  print_table(document, {}, out);
  return out;
}

}  // namespace fcngraph::dsl
