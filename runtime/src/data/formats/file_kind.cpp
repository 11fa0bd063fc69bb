// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

#include "data/formats/codecs.h"

namespace fcngraph::data {
namespace {

bool starts_with(Bytes bytes, std::string_view magic, std::size_t offset = 0) {
  return bytes.size() >= offset + magic.size() && std::memcmp(bytes.data() + offset, magic.data(), magic.size()) == 0;
}

bool looks_like_text(Bytes bytes) {
  const auto head = bytes.first(std::min<std::size_t>(bytes.size(), 512));
  return std::all_of(head.begin(), head.end(),
                     [](std::uint8_t c) { return c == '\n' || c == '\r' || c == '\t' || (c >= 32 && c < 127); });
}

}  // namespace

FileKind kind_of(Bytes bytes) noexcept {
  if (bytes.empty()) return FileKind::empty;
  if (starts_with(bytes, "\xff\xd8\xff")) return FileKind::jpeg;
  if (starts_with(bytes, "\x89PNG\r\n\x1a\n")) return FileKind::png;
  if (starts_with(bytes, "BM")) return FileKind::bmp;
  if (starts_with(bytes, "GIF8")) return FileKind::gif;
  if (starts_with(bytes, "RIFF") && starts_with(bytes, "WEBP", 8)) return FileKind::webp;
  if (starts_with(bytes, std::string_view("II*\0", 4)) || starts_with(bytes, std::string_view("MM\0*", 4))) {
    return FileKind::tiff;
  }
  return looks_like_text(bytes) ? FileKind::text : FileKind::unknown;
}

std::string describe(FileKind kind) {
  switch (kind) {
    case FileKind::empty:
      return "an empty file";
    case FileKind::jpeg:
      return "a JPEG image";
    case FileKind::png:
      return "a PNG image";
    case FileKind::bmp:
      return "a BMP image";
    case FileKind::gif:
      return "a GIF image";
    case FileKind::webp:
      return "a WebP image";
    case FileKind::tiff:
      return "a TIFF image";
    case FileKind::text:
      return "a text file";
    case FileKind::unknown:
      break;
  }
  return "a file of unknown kind";
}

void check_declared_size(const std::string& path, std::int64_t height, std::int64_t width, std::size_t file_bytes,
                         std::int64_t pixels_per_byte) {
  if (height < 1 || width < 1) {
    throw IoError(path, fmt::format("image has no pixels: its header declares {}x{}", width, height));
  }
  if (height > kMaxPixels / width) {
    throw IoError(path, fmt::format("image is too large: its header declares {}x{}, expected at most {} pixels", width,
                                    height, kMaxPixels));
  }
  // Both factors are bounded: files by 2 GiB, pixels_per_byte by a small constant.
  const auto holds = static_cast<std::int64_t>(file_bytes) * pixels_per_byte;
  if (height * width > holds) {
    throw IoError(path,
                  fmt::format("image is truncated or damaged: its header declares {}x{}, more than {} bytes can hold",
                              width, height, file_bytes));
  }
}

}  // namespace fcngraph::data
