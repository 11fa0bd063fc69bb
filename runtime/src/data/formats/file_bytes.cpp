// SPDX-License-Identifier: Apache-2.0
#include "data/formats/file_bytes.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>
#include <system_error>

#include <fcngraph/engine/error.h>

namespace fcngraph::data {
namespace {

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{1} << 31;

}  // namespace

std::vector<std::uint8_t> read_bytes(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) throw IoError(path, "no such file");
  if (error) throw IoError(path, "cannot read: " + error.message());
  if (std::filesystem::is_directory(status)) throw IoError(path, "expected a file, got a folder");
  if (!std::filesystem::is_regular_file(status)) throw IoError(path, "expected a regular file");
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw IoError(path, "cannot read: " + error.message());
  if (size > kMaxBytes) throw IoError(path, "file is larger than 2 GiB");

  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) throw IoError(path, "cannot read: " + std::generic_category().message(errno));
  std::vector<std::uint8_t> bytes(size);
  const auto count = bytes.empty() ? 0 : std::fread(bytes.data(), 1, bytes.size(), file.get());
  if (std::ferror(file.get())) throw IoError(path, "cannot read: " + std::generic_category().message(errno));
  bytes.resize(count);
  return bytes;
}

std::vector<std::string> read_lines(const std::string& path) {
  const auto bytes = read_bytes(path);
  std::istringstream text(std::string(bytes.begin(), bytes.end()));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    const auto end = line.find_last_not_of(" \t\r");
    if (end == std::string::npos || line[0] == '#') continue;
    line.resize(end + 1);
    lines.push_back(line);
  }
  return lines;
}

}  // namespace fcngraph::data
