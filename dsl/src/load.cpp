// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/dsl/load.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "merge.h"
#include "print_toml.h"
#include "read.h"
#include "references.h"
#include "source_file.h"

namespace fcngraph::dsl {
namespace {

namespace fs = std::filesystem;

/// Hands the findings over: each once, file by file in the order in which the files came up, from top to bottom.
void hand_over(const Diagnostics& from, Diagnostics& to) {
  std::map<std::string, std::size_t> order;
  std::set<std::tuple<std::string, std::string, int, int, std::string>> seen;
  std::vector<Diagnostic> out;
  for (const auto& d : from.all()) {
    const std::string path = d.span.file ? d.span.file->path : std::string{};
    order.try_emplace(path, order.size());
    if (seen.insert({d.code, path, d.span.line, d.span.column, d.message}).second) out.push_back(d);
  }
  const auto key = [&](const Diagnostic& d) {
    return std::tuple(order[d.span.file ? d.span.file->path : std::string{}], d.span.line, d.span.column);
  };
  std::stable_sort(out.begin(), out.end(), [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  for (auto& d : out) to.add(std::move(d));
}

ModelSpec load(const std::shared_ptr<const SourceFile>& file, const fs::path& base, const LoadOptions& options,
               Diagnostics& diagnostics) {
  Merger merger(diagnostics);
  auto document = merger.parse(file, base);
  if (!document) return {};
  const auto merged = merger.merge(*document, options);
  ModelSpec spec = read_document(*document, file->path, diagnostics);
  spec.backbone.use = merged.backbone_use;
  if (!spec.name.given()) spec.name.value = fs::path(file->path).stem().string();
  read_ranges(spec.compile, *spec.name, diagnostics);
  check_references(*document, merged.backbone_missing, spec, diagnostics);
  spec.resolved = print_toml(*document);
  return spec;
}

}  // namespace

ModelSpec load_model(const fs::path& path, const LoadOptions& options, Diagnostics& diagnostics) {
  Diagnostics found;
  ModelSpec spec;
  if (const auto file = read_source(path, {}, found)) spec = load(file, path.parent_path(), options, found);
  hand_over(found, diagnostics);
  return spec;
}

ModelSpec load_model_text(std::string_view text, const std::string& virtual_path, const fs::path& base,
                          const LoadOptions& options, Diagnostics& diagnostics) {
  Diagnostics found;
  ModelSpec spec;
  const auto file = std::make_shared<SourceFile>(SourceFile{virtual_path, std::string(text)});
  if (text.find('\0') != std::string_view::npos) {
    found.error("E0100", {file, 0, 0, 1},
                "cannot read '" + virtual_path + "': it holds zero bytes, so it is not a text file");
  } else {
    spec = load(file, base, options, found);
  }
  hand_over(found, diagnostics);
  return spec;
}

DataSpec load_data(const std::string& spec, Diagnostics& diagnostics) {
  Diagnostics found;
  Merger merger(found);
  DataSpec data;
  if (auto table = merger.data_table(spec)) {
    auto document = TomlValue::table(table->span);
    document.assign("data", table->span, std::move(*table));
    merger.make_paths_absolute(document);
    data = read_data(*document.find("data"), found);
  }
  hand_over(found, diagnostics);
  return data;
}

}  // namespace fcngraph::dsl
