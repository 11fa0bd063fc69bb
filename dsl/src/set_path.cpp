// SPDX-License-Identifier: Apache-2.0
#include "set_path.h"

#include <memory>
#include <utility>

namespace fcngraph::dsl {
namespace {

constexpr std::string_view kPrefix = "--set ";

std::string name_of_item(const TomlValue& item) {
  const auto* name = item.find("name");
  return name != nullptr && name->is_string() ? name->text : std::string{};
}

/// The member of an array of tables that is called as the segment says; reported when there is none.
TomlValue* find_named(TomlValue& array, const std::string& what, const SetRequest::Segment& segment,
                      Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (auto& item : array.items) {
    const auto name = name_of_item(item);
    if (name == segment.text) return &item;
    if (!name.empty()) names.push_back(name);
  }
  diagnostics.error("E0110", segment.span, "there is no " + what + " '" + segment.text + "'",
                    did_you_mean(segment.text, names),
                    {names.empty() ? "the model has no " + what : what + " names: " + join(names)});
  return nullptr;
}

bool is_array_key(const std::string& key) {
  return key == "head" || key == "node" || key == "dense_conv" || key == "stage";
}

}  // namespace

std::optional<SetRequest> parse_set(const std::string& text, Diagnostics& diagnostics) {
  const auto file = std::make_shared<SourceFile>(SourceFile{std::string(kPrefix) + text, std::string(kPrefix) + text});
  const auto span = [&](std::size_t from, std::size_t length) {
    return SourceSpan{file, 1, static_cast<int>(kPrefix.size() + from + 1), static_cast<int>(length > 0 ? length : 1)};
  };
  const auto equals = text.find('=');
  if (equals == std::string::npos) {
    diagnostics.error("E0110", span(0, text.size()), "expected KEY=VALUE, got '" + text + "'",
                      "for example train.epochs=5");
    return std::nullopt;
  }
  SetRequest request;
  std::size_t from = 0;
  while (from <= equals) {
    auto to = text.find('.', from);
    if (to == std::string::npos || to > equals) to = equals;
    auto first = from;
    auto last = to;
    while (first < last && text[first] == ' ') ++first;
    while (last > first && text[last - 1] == ' ') --last;
    if (first == last) {
      diagnostics.error("E0110", span(from, 1), "a part of the key is empty", "for example train.epochs=5");
      return std::nullopt;
    }
    request.segments.push_back({text.substr(first, last - first), span(first, last - first)});
    from = to + 1;
  }
  if (request.segments.size() > 16) {
    diagnostics.error("E0110", span(0, equals), "the key has more parts than any file has");
    return std::nullopt;
  }
  const std::string value = text.substr(equals + 1);
  const auto place = span(equals + 1, value.size());
  auto parsed = parse_toml_value(value, place);
  request.value = parsed ? std::move(*parsed) : TomlValue::string(value, place);
  request.value.span = place;
  return request;
}

void apply_set(TomlValue& document, const SetRequest& request, Diagnostics& diagnostics) {
  TomlValue* at = &document;
  std::string path;
  for (std::size_t i = 0; i < request.segments.size(); ++i) {
    const auto& segment = request.segments[i];
    const bool last = i + 1 == request.segments.size();
    if (at->is_array() && (at->is_array_of_tables() || at->items.empty())) {
      at = find_named(*at, request.segments[i - 1].text, segment, diagnostics);
      if (at == nullptr) return;
      path += "." + segment.text;
      if (last) {
        diagnostics.error("E0110", segment.span, "'" + path + "' is a table, not a key",
                          "name the key behind it: " + path + ".KEY=VALUE");
        return;
      }
      continue;
    }
    if (!at->is_table()) {
      diagnostics.error("E0110", segment.span, "'" + path + "' is not a table but " + describe(*at));
      return;
    }
    path += (path.empty() ? "" : ".") + segment.text;
    if (last) {
      at->assign(segment.text, segment.span, request.value);
      return;
    }
    auto* next = at->find(segment.text);
    if (next == nullptr) {
      const bool array = is_array_key(segment.text) && (i == 0 || (i == 1 && request.segments[0].text == "backbone"));
      TomlValue made = TomlValue::table(segment.span);
      if (array) made.kind = TomlValue::Kind::array;
      // Nothing is added for a name that cannot be found anyway.
      if (array) {
        find_named(made, segment.text, request.segments[i + 1], diagnostics);
        return;
      }
      next = &at->assign(segment.text, segment.span, std::move(made));
    }
    at = next;
  }
}

}  // namespace fcngraph::dsl
