// SPDX-License-Identifier: Apache-2.0
#include "strict_table.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fcngraph::dsl {
namespace {

/// After so many unknown keys in one table the rest is summed up.
constexpr std::size_t kUnknownShown = 40;

std::string expected_integer(IntRange range, std::int64_t got) {
  const auto low = std::to_string(range.low);
  if (got > range.high) return "an integer from " + low + " to " + std::to_string(range.high);
  return range.low == 1 ? "a positive integer" : "an integer of at least " + low;
}

/// What helps whoever has put a number or a truth value in quotes.
std::string without_quotes(const TomlValue& value) {
  if (!value.is_string() || value.text.empty()) return {};
  const bool number = value.text.find_first_not_of("+-0123456789.eE_") == std::string::npos &&
                      value.text.find_first_of("0123456789") != std::string::npos;
  return number || value.text == "true" || value.text == "false" ? "write it without the quotes" : "";
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool is_name(std::string_view text, std::string_view extra) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (text.empty() || !(letter(text[0]) || extra.find(text[0]) != std::string_view::npos)) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || extra.find(c) != std::string_view::npos;
  });
}

StrictTable::StrictTable(const TomlValue& table, std::string who, Diagnostics& diagnostics, bool templates)
    : table_(table), who_(std::move(who)), diagnostics_(diagnostics), templates_(templates) {}

const TomlValue* StrictTable::take(std::string_view key) {
  if (!contains(known_, key)) known_.emplace_back(key);
  return table_.find(key);
}

bool StrictTable::is_open(const TomlValue& value) const {
  return templates_ && value.is_string() && value.text.starts_with('$');
}

void StrictTable::wrong(std::string_view code, std::string_view key, const TomlValue& value,
                        const std::string& expected, const std::string& suggestion) {
  diagnostics_.error(std::string(code), value.span,
                     "'" + std::string(key) + "' of " + who_ + ": expected " + expected + ", got " + describe(value),
                     suggestion);
}

bool StrictTable::read(std::string_view key, Spanned<std::string>& into) {
  const auto* value = take(key);
  if (value == nullptr) return false;
  if (!value->is_string()) {
    wrong("E0106", key, *value, "a string");
    return false;
  }
  into = {value->text, value->span};
  return true;
}

bool StrictTable::read(std::string_view key, Spanned<bool>& into) {
  const auto* value = take(key);
  if (value == nullptr || is_open(*value)) return false;
  if (value->kind != TomlValue::Kind::boolean) {
    wrong("E0106", key, *value, "true or false", without_quotes(*value));
    return false;
  }
  into = {value->boolean, value->span};
  return true;
}

bool StrictTable::read(std::string_view key, std::optional<Spanned<bool>>& into) {
  Spanned<bool> value;
  if (!read(key, value)) return false;
  into = value;
  return true;
}

bool StrictTable::to_integer(std::string_view key, const TomlValue& value, IntRange range, std::int64_t& into) {
  if (is_open(value)) return false;
  if (value.kind != TomlValue::Kind::integer) {
    wrong("E0106", key, value, expected_integer(range, range.low), without_quotes(value));
    return false;
  }
  if (value.integer < range.low || value.integer > range.high) {
    wrong("E0108", key, value, expected_integer(range, value.integer));
    return false;
  }
  into = value.integer;
  return true;
}

bool StrictTable::to_number(std::string_view key, const TomlValue& value, const NumberRange& range, double& into) {
  if (is_open(value)) return false;
  double number = value.number;
  if (value.kind == TomlValue::Kind::integer) number = static_cast<double>(value.integer);
  if (value.kind != TomlValue::Kind::integer && value.kind != TomlValue::Kind::floating) {
    wrong("E0106", key, value, std::string(range.expected), without_quotes(value));
    return false;
  }
  const bool too_low = range.low_open ? !(number > range.low) : !(number >= range.low);
  const bool too_high = range.high_open ? !(number < range.high) : !(number <= range.high);
  if (!std::isfinite(number) || too_low || too_high) {
    wrong("E0108", key, value, std::isfinite(number) ? std::string(range.expected) : "a finite number");
    return false;
  }
  into = number;
  return true;
}

bool StrictTable::read(std::string_view key, Spanned<std::int64_t>& into, IntRange range) {
  const auto* value = take(key);
  if (value == nullptr || !to_integer(key, *value, range, into.value)) return false;
  into.span = value->span;
  return true;
}

bool StrictTable::read(std::string_view key, Spanned<double>& into, const NumberRange& range) {
  const auto* value = take(key);
  if (value == nullptr || !to_number(key, *value, range, into.value)) return false;
  into.span = value->span;
  return true;
}

bool StrictTable::read_choice(std::string_view key, Spanned<std::string>& into, std::span<const std::string> choices) {
  const auto* value = take(key);
  if (value == nullptr || is_open(*value)) return false;
  const auto expected = [&] {
    std::string out = choices.size() == 1 ? "" : "one of ";
    for (std::size_t i = 0; i < choices.size(); ++i) out += (i > 0 ? ", \"" : "\"") + choices[i] + "\"";
    return out;
  };
  if (!value->is_string()) {
    wrong("E0106", key, *value, expected());
    return false;
  }
  if (std::find(choices.begin(), choices.end(), value->text) == choices.end()) {
    wrong("E0109", key, *value, expected(), did_you_mean(value->text, choices));
    return false;
  }
  into = {value->text, value->span};
  return true;
}

bool StrictTable::read_name(std::string_view key, Spanned<std::string>& into, std::string_view extra) {
  Spanned<std::string> name;
  if (!read(key, name)) return false;
  if (!is_name(*name, extra)) {
    diagnostics_.error(
        "E0208", name.span,
        "'" + std::string(key) + "' of " + who_ + ": expected a name, got " + describe(TomlValue::string(*name, {})),
        "a name has letters, digits, '_' and '-', and starts with a letter or '_'");
    return false;
  }
  into = name;
  return true;
}

bool StrictTable::read_strings(std::string_view key, std::vector<Spanned<std::string>>& into) {
  const auto* value = take(key);
  if (value == nullptr) return false;
  std::vector<Spanned<std::string>> out;
  if (value->is_string()) {
    out.push_back({value->text, value->span});
  } else if (!value->is_array()) {
    wrong("E0106", key, *value, "a list of strings");
    return false;
  }
  bool good = true;
  for (const auto& item : value->items) {
    if (item.is_string()) {
      out.push_back({item.text, item.span});
    } else {
      wrong("E0106", key, item, "strings in the list");
      good = false;
    }
  }
  if (good) into = std::move(out);
  return good;
}

bool StrictTable::read_integers(std::string_view key, std::vector<std::int64_t>& into, IntRange range) {
  const auto* value = take(key);
  if (value == nullptr) return false;
  if (!value->is_array()) {
    wrong("E0106", key, *value, "a list of integers");
    return false;
  }
  std::vector<std::int64_t> out(value->items.size());
  bool good = true;
  for (std::size_t i = 0; i < out.size(); ++i) good = to_integer(key, value->items[i], range, out[i]) && good;
  if (good) into = std::move(out);
  return good;
}

bool StrictTable::read_numbers(std::string_view key, std::vector<double>& into, const NumberRange& range) {
  const auto* value = take(key);
  if (value == nullptr) return false;
  if (!value->is_array()) {
    wrong("E0106", key, *value, "a list of numbers");
    return false;
  }
  std::vector<double> out(value->items.size());
  bool good = true;
  for (std::size_t i = 0; i < out.size(); ++i) good = to_number(key, value->items[i], range, out[i]) && good;
  if (good) into = std::move(out);
  return good;
}

const TomlValue* StrictTable::read_table(std::string_view key) {
  const auto* value = take(key);
  if (value == nullptr || value->is_table()) return value;
  wrong("E0106", key, *value, "a table");
  return nullptr;
}

std::span<const TomlValue> StrictTable::read_tables(std::string_view key) {
  const auto* value = take(key);
  if (value == nullptr) return {};
  if (value->is_array_of_tables()) return value->items;
  if (value->is_array() && value->items.empty()) return {};
  const std::string header = "[[" + std::string(key) + "]]";
  wrong("E0106", key, *value, "a list of tables", value->is_table() ? "write the header as " + header : "");
  return {};
}

void StrictTable::require(std::string_view key, std::string_view meaning) {
  if (table_.find(key) != nullptr) return;
  diagnostics_.error("E0107", table_.span, who_ + " lacks '" + std::string(key) + "', " + std::string(meaning));
}

void StrictTable::refuse(std::string_view key, const std::string& sentence) {
  refused_.emplace_back(key);
  for (const auto& entry : table_.entries) {
    if (entry.key == key) {
      diagnostics_.error("E0105", entry.key_span, who_ + " has no key '" + std::string(key) + "' here", sentence);
    }
  }
}

void StrictTable::finish() {
  std::size_t unknown = 0;
  SourceSpan last;
  for (const auto& entry : table_.entries) {
    if (contains(known_, entry.key) || contains(refused_, entry.key)) continue;
    if (++unknown > kUnknownShown) {
      last = entry.key_span;
      continue;
    }
    diagnostics_.error("E0105", entry.key_span, who_ + " has no key '" + entry.key + "'",
                       did_you_mean(entry.key, known_), {"keys known here: " + join(known_)});
  }
  if (unknown > kUnknownShown) {
    diagnostics_.error("E0105", last,
                       who_ + " has " + std::to_string(unknown - kUnknownShown) + " further unknown keys");
  }
}

}  // namespace fcngraph::dsl
