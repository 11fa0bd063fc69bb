// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <fcngraph/dataset.h>
#include <fcngraph/image.h>

namespace fcngraph::data {

using Bytes = std::span<const std::uint8_t>;

/// What the first bytes of a file say it is.
enum class FileKind { empty, jpeg, png, bmp, gif, webp, tiff, text, unknown };
FileKind kind_of(Bytes bytes) noexcept;
/// "a GIF image", "a text file": how a message calls it.
std::string describe(FileKind kind);

/// Throws IoError unless 1 <= height, width and height * width <= kMaxPixels; `pixels_per_byte` is the most
/// pixels a byte of this format can hold, so that a header cannot ask for memory that the file cannot fill.
void check_declared_size(const std::string& path, std::int64_t height, std::int64_t width, std::size_t file_bytes,
                         std::int64_t pixels_per_byte);

/// As the header says, whatever follows it. Throws IoError for a file that load_image does not read either.
ImageSize size_of_image(const std::string& path);
ImageSize size_of_jpeg(const std::string& path, Bytes bytes);
ImageSize size_of_png(const std::string& path, Bytes bytes);
ImageSize size_of_bmp(const std::string& path, Bytes bytes);

/// An empty rule reduces nothing; `memory` is what the pixels may be put into.
Image decode_jpeg(const std::string& path, Bytes bytes, const ReductionRule& rule = {},
                  std::vector<std::uint8_t> memory = {});
Image decode_png(const std::string& path, Bytes bytes);
Image decode_bmp(const std::string& path, Bytes bytes);

/// A mask's stored values: one channel (palette indices or grey values), or three (RGB).
Image decode_png_values(const std::string& path, Bytes bytes);

std::vector<std::uint8_t> encode_png(const Image& image);
std::vector<std::uint8_t> encode_png(const LabelMap& labels, std::span<const Color> palette);
/// Quality 1 to 100, 4:4:4.
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality);

}  // namespace fcngraph::data
