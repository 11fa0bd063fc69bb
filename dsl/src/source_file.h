// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include <fcngraph/engine/diagnostics.h>

namespace fcngraph::dsl {

/// Reads a text file of at most 16 MiB. What keeps it from being read is reported (E0100) at `asked_at`, the place that names
/// the file, or at the file itself where that is empty; the result is then null.
std::shared_ptr<const SourceFile> read_source(const std::filesystem::path& path, const SourceSpan& asked_at,
                                              Diagnostics& diagnostics);

}  // namespace fcngraph::dsl
