// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fcngraph::data {

/// The whole file. Throws IoError when it is missing, a folder, unreadable, or above 2 GiB.
std::vector<std::uint8_t> read_bytes(const std::string& path);

/// The lines of a text file, without line ends, trailing blanks, empty lines and lines that start with '#'.
std::vector<std::string> read_lines(const std::string& path);

}  // namespace fcngraph::data
