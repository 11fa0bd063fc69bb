// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fcngraph::cli {

/// A whole file. Throws IoError naming it when it cannot be read or is larger than `most` bytes.
std::string read_text_file(const std::string& path, std::size_t most);

/// Throws IoError naming the file.
void write_text_file(const std::string& path, std::string_view text);

}  // namespace fcngraph::cli
