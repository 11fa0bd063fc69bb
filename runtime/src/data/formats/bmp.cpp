// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fcngraph/engine/error.h>

#include "data/formats/codecs.h"

namespace fcngraph::data {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::size_t kInfoHeader = 40;

std::uint32_t little32(Bytes bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) | static_cast<std::uint32_t>(bytes[at + 1]) << 8 |
         static_cast<std::uint32_t>(bytes[at + 2]) << 16 | static_cast<std::uint32_t>(bytes[at + 3]) << 24;
}

std::uint32_t little16(Bytes bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) | static_cast<std::uint32_t>(bytes[at + 1]) << 8;
}

}  // namespace

ImageSize size_of_bmp(const std::string& path, Bytes bytes) {
  if (bytes.size() < kFileHeader + kInfoHeader) throw IoError(path, "BMP is truncated: its header is incomplete");
  const auto width = static_cast<std::int64_t>(static_cast<std::int32_t>(little32(bytes, 18)));
  const auto height = static_cast<std::int64_t>(static_cast<std::int32_t>(little32(bytes, 22)));
  // Negative: the rows lie from top to bottom.
  return {height < 0 ? -height : height, width};
}

Image decode_bmp(const std::string& path, Bytes bytes) {
  const auto [height, width] = size_of_bmp(path, bytes);
  const bool downwards = static_cast<std::int32_t>(little32(bytes, 22)) < 0;
  const auto header = little32(bytes, 14);
  const auto bits = little16(bytes, 28);
  const auto compression = little32(bytes, 30);
  if (header < kInfoHeader) throw IoError(path, fmt::format("BMP has an unsupported header of {} bytes", header));
  // Bit fields (3) of a 32-bit file are nearly always plain BGRA, but may be anything: only the plain form is read.
  if (compression != 0 || (bits != 24 && bits != 32)) {
    throw IoError(path, fmt::format("BMP has {} bits a pixel and compression {}, expected 24 or 32 bits, uncompressed",
                                    bits, compression));
  }
  check_declared_size(path, height, width, bytes.size(), 1);

  const std::int64_t pixel_bytes = bits / 8;
  const std::int64_t stride = (width * pixel_bytes + 3) / 4 * 4;
  const auto offset = static_cast<std::int64_t>(little32(bytes, 10));
  if (stride * height > static_cast<std::int64_t>(bytes.size()) - offset) {
    throw IoError(path, "BMP is truncated: the file ends before its image does");
  }
  Image image = make_image(height, width);
  for (std::int64_t y = 0; y < height; ++y) {
    const auto* row = bytes.data() + offset + (downwards ? y : height - 1 - y) * stride;
    for (std::int64_t x = 0; x < width; ++x) {
      auto* pixel = image.at(y, x);
      for (int c = 0; c < 3; ++c) pixel[c] = row[x * pixel_bytes + 2 - c];
    }
  }
  return image;
}

}  // namespace fcngraph::data
