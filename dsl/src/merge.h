// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/dsl/load.h>

#include "toml_tree.h"

namespace fcngraph::dsl {

/// What is no longer in the merged document, but worth knowing.
struct MergeResult {
  Spanned<std::string> backbone_use;
  bool backbone_missing = false;  ///< the backbone's file could not be read, which has been reported
};

/// Puts one document together out of the model file, the files that it uses, `--data` and `--set`.
class Merger {
 public:
  explicit Merger(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  /// Takes the text of the model file; relative paths in it start at `base`. Null and an empty table when it does not parse.
  std::optional<TomlValue> parse(const std::shared_ptr<const SourceFile>& file, const std::filesystem::path& base);
  /// Merges everything into `document`; afterwards it has no `use`, and all paths in it are absolute.
  MergeResult merge(TomlValue& document, const LoadOptions& options);
  /// What `--data SPEC` stands for: a `[data]` table.
  std::optional<TomlValue> data_table(const std::string& spec);
  /// Makes the paths of `[data]` and `[backbone.weights]` absolute, each against the folder of the file that says it.
  void make_paths_absolute(TomlValue& document);

 private:
  /// Replaces `table.use` (the backbone's or the data's) by what the file says, with the keys beside it on top.
  /// False when that file could not be read.
  bool resolve_use(TomlValue& table, const std::string& section, std::vector<std::string>& open);
  std::optional<TomlValue> load_used(const TomlValue& use, const std::string& section, std::vector<std::string>& open);
  std::filesystem::path base_of(const SourceSpan& span) const;
  void make_absolute(TomlValue* value);

  Diagnostics& diagnostics_;
  std::map<const SourceFile*, std::filesystem::path> bases_;
};

/// Members of `over` replace those of `under`; tables are merged, everything else is replaced whole.
void overlay(TomlValue& under, const TomlValue& over);

}  // namespace fcngraph::dsl
