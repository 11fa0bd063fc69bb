// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/dsl/data_spec.h>
#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/diagnostics.h>

namespace fcngraph::dsl {

/// What the command line changes about a file before it is read.
struct LoadOptions {
  /// `a.b.c=value`, applied in order. The value is TOML where it parses as TOML and a string otherwise; members of arrays of
  /// tables are addressed by name: `head.fcn16s.loss_weight=0`.
  std::vector<std::string> set;
  /// Replaces `[data]`: the path of a data file, `KIND:ROOT`, or `synthetic`.
  std::optional<std::string> data;
};

/// Reads a model file with everything it `use`s. Never throws for what a file says: each mistake becomes a diagnostic, all of them
/// in one run, in the order of the file. The spec is only worth using when `diagnostics` has no errors.
///
/// In the result blocks are written out: every NodeSpec has an op, a full name and explicit `inputs` that name "image", a node
/// before it (in the order backbone, dense_convs, nodes) or a dense_conv. Names of block instances in `taps`, `from` and
/// `inputs` are replaced by the node that they stand for. `resolved` is the merged document.
ModelSpec load_model(const std::filesystem::path& path, const LoadOptions& options, Diagnostics& diagnostics);

/// The same for a text in memory. `virtual_path` is what diagnostics call it; relative paths in it start at `base`.
ModelSpec load_model_text(std::string_view text, const std::string& virtual_path, const std::filesystem::path& base,
                          const LoadOptions& options, Diagnostics& diagnostics);

/// A data description alone: what `--data` accepts.
DataSpec load_data(const std::string& spec, Diagnostics& diagnostics);

}  // namespace fcngraph::dsl
