// SPDX-License-Identifier: Apache-2.0
#include "toml_tree.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fcngraph::dsl {
namespace {

/// The parser has come to a state that it takes to be impossible: some malformed keys bring toml++ 3.3 there.
struct ParserConfused {};

[[noreturn]] void report_confusion() { throw ParserConfused{}; }

}  // namespace
}  // namespace fcngraph::dsl

// Its assertions would end the program, or pass unnoticed where NDEBUG is set: here they throw, in every build.
#undef NDEBUG
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : ::fcngraph::dsl::report_confusion())
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <fcngraph/engine/attrs.h>

#include "nesting.h"

namespace fcngraph::dsl {
namespace {

constexpr std::size_t kDescribedLength = 60;

/// Turns the parser's nodes into ours. Columns become bytes, which is what diagnostics count in.
class Converter {
 public:
  Converter(std::shared_ptr<const SourceFile> file, Diagnostics& diagnostics)
      : file_(std::move(file)), diagnostics_(diagnostics) {
    const auto& text = file_->text;
    starts_.push_back(text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }

  SourceSpan span(const toml::source_region& region) const {
    SourceSpan out{file_, static_cast<int>(region.begin.line), static_cast<int>(byte_column(region.begin)), 1};
    if (region.begin.line == 0) return {file_, 0, 0, 1};
    if (region.end.line == region.begin.line) {
      out.length = static_cast<int>(byte_column(region.end)) - out.column;
    } else {
      out.length = static_cast<int>(line_length(region.begin.line)) - out.column + 1;
    }
    out.length = std::max(out.length, 1);
    return out;
  }

  TomlValue convert(const toml::node& node) const {
    TomlValue out;
    out.span = span(node.source());
    switch (node.type()) {
      case toml::node_type::boolean:
        out.kind = TomlValue::Kind::boolean;
        out.boolean = node.as_boolean()->get();
        break;
      case toml::node_type::integer:
        out.kind = TomlValue::Kind::integer;
        out.integer = node.as_integer()->get();
        break;
      case toml::node_type::floating_point:
        out.kind = TomlValue::Kind::floating;
        out.number = node.as_floating_point()->get();
        break;
      case toml::node_type::string:
        out.kind = TomlValue::Kind::string;
        out.text = node.as_string()->get();
        break;
      case toml::node_type::array:
        out.kind = TomlValue::Kind::array;
        for (const auto& item : *node.as_array()) {
          if (!is_date(item)) out.items.push_back(convert(item));
        }
        break;
      case toml::node_type::table:
        convert_table(*node.as_table(), out);
        break;
      default:
        break;
    }
    return out;
  }

 private:
  void convert_table(const toml::table& table, TomlValue& out) const {
    out.kind = TomlValue::Kind::table;
    out.entries.reserve(table.size());
    for (auto&& [key, value] : table) {
      if (is_date(value)) continue;
      out.entries.push_back({std::string(key.str()), span(key.source()), convert(value)});
    }
    std::stable_sort(out.entries.begin(), out.entries.end(), [](const TomlEntry& a, const TomlEntry& b) {
      return std::pair(a.key_span.line, a.key_span.column) < std::pair(b.key_span.line, b.key_span.column);
    });
  }

  /// Dates and times are TOML, but nothing here has a use for them: reported, and left out.
  bool is_date(const toml::node& node) const {
    if (!node.is_date() && !node.is_time() && !node.is_date_time()) return false;
    diagnostics_.error("E0106", span(node.source()), "a date or time is not a value that this file can have",
                       "write it as a string");
    return true;
  }

  std::size_t line_length(std::size_t line) const {
    if (line == 0 || line > starts_.size()) return 0;
    const std::size_t from = starts_[line - 1];
    std::size_t to = line < starts_.size() ? starts_[line] - 1 : file_->text.size();
    if (to > from && file_->text[to - 1] == '\r') --to;
    return to - from;
  }

  std::size_t byte_column(const toml::source_position& position) const {
    if (position.line == 0 || position.line > starts_.size()) return position.column;
    const std::size_t from = starts_[position.line - 1];
    std::size_t at = from;
    for (std::size_t seen = 1; seen < position.column && at < file_->text.size(); ++seen) {
      ++at;
      while (at < file_->text.size() && (static_cast<unsigned char>(file_->text[at]) & 0xC0U) == 0x80U) ++at;
    }
    return at - from + 1;
  }

  std::shared_ptr<const SourceFile> file_;
  Diagnostics& diagnostics_;
  std::vector<std::size_t> starts_;
};

/// The parser's sentences start with a capital and a story; ours are lower case and end without a period.
std::string lower_first(std::string_view text) {
  constexpr std::string_view kStory = "Error while parsing ";
  if (text.starts_with(kStory)) text.remove_prefix(std::min(text.size(), text.find(": ") + 2));
  std::string out(text);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] - 'A' + 'a');
  while (out.ends_with('.')) out.pop_back();
  return out;
}

/// Whether a place is behind the last character of its line.
bool ends_line(std::string_view text, const SourceSpan& place) {
  for (int line = 1; line < place.line; ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
  const auto at = static_cast<std::size_t>(std::max(place.column, 1)) - 1;
  return at >= text.size() || text[at] == '\n' || text[at] == '\r';
}

}  // namespace

bool TomlValue::is_array_of_tables() const noexcept {
  return kind == Kind::array && !items.empty() &&
         std::all_of(items.begin(), items.end(), [](const TomlValue& item) { return item.is_table(); });
}

const TomlValue* TomlValue::find(std::string_view key) const noexcept {
  for (const auto& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

TomlValue* TomlValue::find(std::string_view key) noexcept {
  return const_cast<TomlValue*>(std::as_const(*this).find(key));
}

TomlValue& TomlValue::assign(std::string key, SourceSpan key_span, TomlValue value) {
  for (auto& entry : entries) {
    if (entry.key != key) continue;
    entry.key_span = std::move(key_span);
    entry.value = std::move(value);
    return entry.value;
  }
  entries.push_back({std::move(key), std::move(key_span), std::move(value)});
  return entries.back().value;
}

void TomlValue::erase(std::string_view key) {
  std::erase_if(entries, [&](const TomlEntry& entry) { return entry.key == key; });
}

std::vector<std::string> TomlValue::keys() const {
  std::vector<std::string> out;
  for (const auto& entry : entries) out.push_back(entry.key);
  return out;
}

TomlValue TomlValue::string(std::string text, SourceSpan span) {
  TomlValue out;
  out.kind = Kind::string;
  out.text = std::move(text);
  out.span = std::move(span);
  return out;
}

TomlValue TomlValue::table(SourceSpan span) {
  TomlValue out;
  out.span = std::move(span);
  return out;
}

std::optional<TomlValue> parse_toml(const std::shared_ptr<const SourceFile>& file, Diagnostics& diagnostics) {
  if (const auto excess = find_excess(file->text)) {
    diagnostics.error("E0101", {file, excess->place.line, excess->place.column, 1}, std::string(excess->what));
    return std::nullopt;
  }
  const Converter converter(file, diagnostics);
  try {
    return converter.convert(toml::parse(std::string_view(file->text), std::string_view(file->path)));
  } catch (const toml::parse_error& error) {
    const auto place = converter.span(error.source());
    if (error.description().find("parsing string") != std::string_view::npos && ends_line(file->text, place)) {
      diagnostics.error("E0101", place, "the string is not ended on its line", "add the closing quote");
    } else {
      diagnostics.error("E0101", place, lower_first(error.description()));
    }
  } catch (const ParserConfused&) {
    diagnostics.error("E0101", {file, 0, 0, 1}, "the file is not valid TOML, in a way that hides the place",
                      "look for a key that ends in a dot or starts with an odd character");
  }
  return std::nullopt;
}

std::optional<TomlValue> parse_toml_value(std::string_view text, const SourceSpan& span) {
  // Blanks in front put the value at the column where the user typed it.
  const auto column = static_cast<std::size_t>(std::max(span.column, 3));
  const std::string document = "v=" + std::string(column - 3, ' ') + std::string(text) + "\n";
  Diagnostics ignored;
  const auto parsed = parse_toml(std::make_shared<SourceFile>(SourceFile{"", document}), ignored);
  if (!parsed || ignored.has_errors() || parsed->entries.size() != 1 || parsed->entries[0].key != "v")
    return std::nullopt;
  auto value = parsed->entries[0].value;
  const auto relocate = [&](TomlValue& v, const auto& self) -> void {
    v.span.file = span.file;
    for (auto& item : v.items) self(item, self);
    for (auto& entry : v.entries) {
      entry.key_span.file = span.file;
      self(entry.value, self);
    }
  };
  relocate(value, relocate);
  return value;
}

std::string describe(const TomlValue& value) {
  std::string out;
  switch (value.kind) {
    case TomlValue::Kind::boolean:
      return value.boolean ? "true" : "false";
    case TomlValue::Kind::integer:
      return std::to_string(value.integer);
    case TomlValue::Kind::floating:
      return to_string(AttrValue(value.number));
    case TomlValue::Kind::string:
      out = to_string(AttrValue(value.text));
      break;
    case TomlValue::Kind::table:
      return "a table";
    case TomlValue::Kind::array:
      if (value.is_array_of_tables()) return "a list of tables";
      out = "[";
      for (std::size_t i = 0; i < value.items.size() && out.size() < kDescribedLength; ++i) {
        out += (i > 0 ? ", " : "") + describe(value.items[i]);
      }
      out += "]";
      break;
  }
  if (out.size() <= kDescribedLength) return out;
  std::size_t cut = kDescribedLength - 3;
  while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xC0U) == 0x80U) --cut;
  return out.substr(0, cut) + "...";
}

}  // namespace fcngraph::dsl
