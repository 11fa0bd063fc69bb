// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace fcngraph::testing {

/// The repository, from FCNGRAPH_SOURCE_DIR, which ctest sets.
std::filesystem::path source_dir();

/// A whole file as text. Throws std::runtime_error when it cannot be read.
std::string read_text(const std::filesystem::path& path);

/// The differences between two texts in the unified format with three lines of context; empty when they are equal.
std::string unified_diff(std::string_view expected, std::string_view actual, std::string_view name);

/// Compares `actual` with the file. Empty when equal, else a message with the unified diff. With FCNGRAPH_UPDATE_GOLDENS=1
/// in the environment the file is rewritten instead: `CHECK_EQ(compare_golden(path, text), "")`.
std::string compare_golden(const std::filesystem::path& path, std::string_view actual);

/// True when goldens are to be rewritten instead of compared.
bool updates_goldens();

}  // namespace fcngraph::testing
