// SPDX-License-Identifier: Apache-2.0
#include "text_file.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fcngraph/engine/error.h>

namespace fcngraph::cli {

std::string read_text_file(const std::string& path, std::size_t most) {
  if (std::filesystem::is_directory(path)) throw IoError(path, path + " is a folder");
  std::ifstream in(path, std::ios::binary);
  if (!in) throw IoError(path, path + " cannot be read: " + std::generic_category().message(errno));
  // By the piece, so that a device without an end stops at the limit too.
  std::string text;
  std::array<char, 1 << 16> piece{};
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > most) throw IoError(path, path + " is larger than " + std::to_string(most >> 20U) + " MiB");
  }
  if (in.bad()) throw IoError(path, path + " cannot be read");
  return text;
}

void write_text_file(const std::string& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) throw IoError(path, path + " cannot be written");
}

}  // namespace fcngraph::cli
