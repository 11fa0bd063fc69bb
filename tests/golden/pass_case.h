// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <fcngraph/engine/pass.h>

#include "null_backend.h"

namespace fcngraph::testing {

/// A file tests/golden/passes/<pass>/<case>.graph. Comments that start with a key say how the pass is run, the rest of the first
/// part is a graph, and what stands behind the line "----" is what comes out: a graph, "unchanged", or diagnostics.
///
///     # mode: train
///     # precision: bf16
///     # refuse: conv2d epilogue="relu"
///     # layout: conv2d blocked
///     fcngraph 1
///     graph g { ... }
///     ----
///     unchanged
struct PassCase {
  std::string pass;
  std::string input;     ///< everything before the separator
  std::string expected;  ///< everything behind it
  Mode mode = Mode::infer;
  std::int64_t parts = 1;
  int recompute = 0;
  bool scale_loss = false;
  PrecisionPolicy precision;
  NullBackend backend;
};

/// Throws std::runtime_error where a key is unknown.
PassCase read_pass_case(const std::filesystem::path& path);

/// What the pass makes of the graph, as the file writes it. Throws std::runtime_error when the input is no graph.
std::string run_pass_case(const PassCase& given);

/// The whole file, with that result.
std::string write_pass_case(const PassCase& given, const std::string& result);

}  // namespace fcngraph::testing
