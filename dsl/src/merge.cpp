// SPDX-License-Identifier: Apache-2.0
#include "merge.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "read.h"
#include "set_path.h"
#include "source_file.h"
#include "strict_table.h"

namespace fcngraph::dsl {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kUseDepth = 16;

/// A backbone file may write `[[node]]` and `[block.x]` at its top; in the model they belong to the backbone.
void move_into(TomlValue& section, TomlValue& document, const std::string& key) {
  auto* outer = document.find(key);
  if (outer == nullptr) return;
  auto* inner = section.find(key);
  if (inner == nullptr) {
    SourceSpan place = outer->span;
    section.assign(key, place, std::move(*outer));
  } else if (inner->is_array() && outer->is_array()) {
    inner->items.insert(inner->items.end(), outer->items.begin(), outer->items.end());
  } else {
    overlay(*inner, *outer);
  }
}

}  // namespace

void overlay(TomlValue& under, const TomlValue& over) {
  for (const auto& entry : over.entries) {
    auto* existing = under.find(entry.key);
    if (existing != nullptr && existing->is_table() && entry.value.is_table()) {
      overlay(*existing, entry.value);
    } else {
      under.assign(entry.key, entry.key_span, entry.value);
    }
  }
}

std::optional<TomlValue> Merger::parse(const std::shared_ptr<const SourceFile>& file, const fs::path& base) {
  bases_[file.get()] = base;
  return parse_toml(file, diagnostics_);
}

fs::path Merger::base_of(const SourceSpan& span) const {
  const auto found = bases_.find(span.file.get());
  return found == bases_.end() ? fs::path() : found->second;
}

std::optional<TomlValue> Merger::load_used(const TomlValue& use, const std::string& section,
                                           std::vector<std::string>& open) {
  const fs::path path = (base_of(use.span) / use.text).lexically_normal();
  const auto file = read_source(path, use.span, diagnostics_);
  if (!file) return std::nullopt;
  std::error_code error;
  const auto canonical = fs::weakly_canonical(path, error).string();
  const auto again = std::find(open.begin(), open.end(), canonical);
  if (again != open.end() || open.size() >= kUseDepth) {
    std::vector<std::string> loop;
    for (auto it = again; it != open.end(); ++it) loop.push_back(fs::path(*it).filename().string());
    loop.push_back(path.filename().string());
    diagnostics_.error("E0103", use.span,
                       again != open.end() ? "files use each other in a loop: " + join(loop, " -> ")
                                           : "files use each other more than " + std::to_string(kUseDepth) + " deep");
    return std::nullopt;
  }
  auto document = parse(file, path.parent_path());
  if (!document) return std::nullopt;
  StrictTable top(*document, "a " + section + " file", diagnostics_);
  check_format(top, *document, false, diagnostics_);
  auto body = TomlValue::table({file, 1, 1, 1});
  if (const auto* table = top.read_table(section)) body = *table;
  if (section == "backbone") {
    top.take("node");
    top.take("block");
    move_into(body, *document, "block");
    move_into(body, *document, "node");
  }
  top.finish();
  open.push_back(canonical);
  const bool good = resolve_use(body, section, open);
  open.pop_back();
  if (!good) return std::nullopt;
  return body;
}

bool Merger::resolve_use(TomlValue& table, const std::string& section, std::vector<std::string>& open) {
  const auto* found = table.find("use");
  if (found == nullptr) return true;
  const auto use = *found;
  if (!use.is_string()) {
    diagnostics_.error("E0106", use.span,
                       "'use' of [" + section + "]: expected the path of a file, got " + describe(use));
    table.erase("use");
    return false;
  }
  auto used = load_used(use, section, open);
  table.erase("use");
  // A file that could not be read has been reported: what it would have defined is not there, and must not be missed again.
  if (!used) return false;
  overlay(*used, table);
  used->span = table.span;
  table = std::move(*used);
  return true;
}

std::optional<TomlValue> Merger::data_table(const std::string& spec) {
  static const std::vector<std::string> kinds{"synthetic", "folder", "camvid", "pets"};
  const auto file = std::make_shared<SourceFile>(SourceFile{"--data " + spec, "--data " + spec});
  const auto length = [](std::string_view text) { return static_cast<int>(text.size()); };
  const SourceSpan whole{file, 1, 8, length(spec)};
  bases_[file.get()] = fs::path();
  const auto colon = spec.find(':');
  const std::string kind = spec.substr(0, colon);
  const bool known = std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  auto table = TomlValue::table(whole);
  std::error_code error;
  if (known && (colon != std::string::npos || kind == "synthetic")) {
    table.assign("kind", whole, TomlValue::string(kind, {file, 1, 8, length(kind)}));
    if (colon == std::string::npos || kind == "synthetic") return table;
    if (colon + 1 == spec.size()) {
      diagnostics_.error("E0401", whole, "expected a folder behind '" + kind + ":'",
                         "for example " + kind + ":data/" + kind);
      return std::nullopt;
    }
    table.assign(
        "root", whole,
        TomlValue::string(spec.substr(colon + 1), {file, 1, 9 + length(kind), length(spec) - length(kind) - 1}));
    return table;
  }
  if (spec.ends_with(".toml") || fs::is_regular_file(spec, error)) {
    table.assign("use", whole, TomlValue::string(spec, whole));
    std::vector<std::string> open;
    if (!resolve_use(table, "data", open)) return std::nullopt;
    return table;
  }
  diagnostics_.error("E0401", whole,
                     known ? "data of kind '" + kind + "' needs a folder: " + kind + ":DIR"
                           : "expected a data file, KIND:ROOT or \"synthetic\", got \"" + spec + "\"",
                     known ? "" : did_you_mean(kind, kinds), {"kinds known: " + join(kinds)});
  return std::nullopt;
}

MergeResult Merger::merge(TomlValue& document, const LoadOptions& options) {
  std::vector<SetRequest> requests;
  for (const auto& text : options.set) {
    if (auto request = parse_set(text, diagnostics_)) {
      bases_[request->value.span.file.get()] = fs::path();
      requests.push_back(std::move(*request));
    }
  }
  const auto replaces_use = [](const SetRequest& r) {
    return r.segments.size() == 2 && r.segments[1].text == "use" &&
           (r.segments[0].text == "backbone" || r.segments[0].text == "data");
  };
  if (options.data) {
    if (auto table = data_table(*options.data)) {
      document.assign("data", table->span, std::move(*table));
    } else {
      document.erase("data");
    }
  }
  for (const auto& request : requests) {
    if (replaces_use(request)) apply_set(document, request, diagnostics_);
  }
  MergeResult result;
  for (const std::string section : {"backbone", "data"}) {
    auto* table = document.find(section);
    if (table == nullptr || !table->is_table()) continue;
    const auto* use = table->find("use");
    if (section == "backbone" && use != nullptr && use->is_string()) result.backbone_use = {use->text, use->span};
    std::vector<std::string> open;
    const bool good = resolve_use(*table, section, open);
    if (section == "backbone") result.backbone_missing = !good;
    // Nothing more can be said about data whose description is not there.
    if (section == "data" && !good) document.erase(section);
  }
  for (const auto& request : requests) {
    if (!replaces_use(request)) apply_set(document, request, diagnostics_);
  }
  make_paths_absolute(document);
  return result;
}

void Merger::make_absolute(TomlValue* value) {
  if (value == nullptr || !value->is_string() || value->text.empty()) return;
  std::error_code error;
  const auto path = fs::absolute(base_of(value->span) / value->text, error);
  if (error) return;
  value->text = path.lexically_normal().string();
  // "." leaves a slash behind.
  if (value->text.size() > 1 && value->text.back() == '/') value->text.pop_back();
}

void Merger::make_paths_absolute(TomlValue& document) {
  if (auto* backbone = document.find("backbone"); backbone != nullptr) {
    auto* weights = backbone->find("weights");
    if (weights != nullptr) make_absolute(weights->is_string() ? weights : weights->find("file"));
  }
  if (auto* compile = document.find("compile"); compile != nullptr) make_absolute(compile->find("ranges"));
  auto* data = document.find("data");
  if (data == nullptr || !data->is_table()) return;
  const auto* kind = data->find("kind");
  const bool on_disk = kind != nullptr && kind->is_string() && kind->text != "synthetic";
  // A data set without a root lies beside the file that describes it.
  if (on_disk && data->find("root") == nullptr) {
    const auto place = kind->span;
    data->assign("root", place, TomlValue::string(".", place));
  }
  if (on_disk) make_absolute(data->find("root"));
  for (const std::string split : {"train", "val", "test"}) {
    auto* table = data->find(split);
    if (table == nullptr) continue;
    // Folders and lists of a split start at the root, as people write them, unless they are absolute.
    const auto* root = data->find("root");
    for (const std::string key : {"images", "masks", "list"}) {
      auto* value = table->find(key);
      if (value == nullptr || !value->is_string() || value->text.empty() || root == nullptr || !root->is_string())
        continue;
      value->text = (fs::path(root->text) / value->text).lexically_normal().string();
    }
  }
}

}  // namespace fcngraph::dsl
