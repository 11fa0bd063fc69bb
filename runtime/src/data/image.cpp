// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/image.h>

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

#include "atomic_file.h"
#include "data/formats/codecs.h"
#include "data/formats/file_bytes.h"
#include "mapped_file.h"

namespace fcngraph {
namespace {

void check_size(std::int64_t height, std::int64_t width) {
  if (height < 0 || width < 0 || (width > 0 && height > kMaxPixels / width)) {
    throw GraphError(
        fmt::format("image size {}x{} is out of range, expected at most {} pixels", width, height, kMaxPixels));
  }
}

[[noreturn]] void refuse(const std::string& path, data::FileKind kind, const char* expected) {
  throw IoError(path, fmt::format("expected {}, got {}", expected, data::describe(kind)));
}

std::uint32_t packed(std::uint8_t r, std::uint8_t g, std::uint8_t b) {
  return static_cast<std::uint32_t>(r) << 16 | static_cast<std::uint32_t>(g) << 8 | b;
}

LabelMap labels_of_colors(const std::string& path, const Image& mask, std::span<const Color> colors) {
  std::unordered_map<std::uint32_t, std::uint8_t> label_of;
  for (std::size_t i = 0; i < std::min<std::size_t>(colors.size(), 256); ++i) {
    label_of.emplace(packed(colors[i].r, colors[i].g, colors[i].b), static_cast<std::uint8_t>(i));
  }
  LabelMap map = make_labels(mask.height, mask.width);
  for (std::int64_t y = 0; y < mask.height; ++y) {
    for (std::int64_t x = 0; x < mask.width; ++x) {
      const auto* p = mask.at(y, x);
      const auto found = label_of.find(packed(p[0], p[1], p[2]));
      if (found == label_of.end()) {
        throw IoError(path, fmt::format("pixel ({}, {}) has colour ({}, {}, {}), which the colour map does not hold", x,
                                        y, p[0], p[1], p[2]));
      }
      map.labels[static_cast<std::size_t>(y * mask.width + x)] = found->second;
    }
  }
  return map;
}

// A BMP has no grey form of its own here: grey is what has equal channels.
Image values_of_bmp(const std::string& path, data::Bytes bytes) {
  Image rgb = data::decode_bmp(path, bytes);
  const auto count = rgb.height * rgb.width;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto* p = rgb.pixels.data() + 3 * i;
    if (p[0] != p[1] || p[1] != p[2]) return rgb;
  }
  Image grey{.height = rgb.height, .width = rgb.width, .channels = 1, .pixels = {}};
  grey.pixels.resize(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i)
    grey.pixels[static_cast<std::size_t>(i)] = rgb.pixels[static_cast<std::size_t>(3 * i)];
  return grey;
}

}  // namespace

Image make_image(std::int64_t height, std::int64_t width) {
  check_size(height, width);
  return {.height = height,
          .width = width,
          .channels = 3,
          .pixels = std::vector<std::uint8_t>(static_cast<std::size_t>(height * width * 3))};
}

LabelMap make_labels(std::int64_t height, std::int64_t width, std::uint8_t label) {
  check_size(height, width);
  return {height, width, std::vector<std::uint8_t>(static_cast<std::size_t>(height * width), label)};
}

Image load_image(const std::string& path) { return load_image(path, {}, {}); }

Image load_image(const std::string& path, const ReductionRule& rule, Image spare) {
  const auto bytes = data::read_bytes(path);
  switch (const auto kind = data::kind_of(bytes)) {
    case data::FileKind::jpeg:
      return data::decode_jpeg(path, bytes, rule, std::move(spare.pixels));
    case data::FileKind::png:
      return data::decode_png(path, bytes);
    case data::FileKind::bmp:
      return data::decode_bmp(path, bytes);
    default:
      refuse(path, kind, "a JPEG, PNG or BMP image");
  }
}

ImageSize data::size_of_image(const std::string& path) {
  const MappedFile file(path);
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(file.bytes().data()), file.bytes().size());
  switch (const auto kind = kind_of(bytes)) {
    case FileKind::jpeg:
      return size_of_jpeg(path, bytes);
    case FileKind::png:
      return size_of_png(path, bytes);
    case FileKind::bmp:
      return size_of_bmp(path, bytes);
    default:
      refuse(path, kind, "a JPEG, PNG or BMP image");
  }
}

LabelMap load_label_map(const std::string& path, std::span<const Color> colors) {
  const auto bytes = data::read_bytes(path);
  Image values;
  switch (const auto kind = data::kind_of(bytes)) {
    case data::FileKind::png:
      values = data::decode_png_values(path, bytes);
      break;
    case data::FileKind::bmp:
      values = colors.empty() ? values_of_bmp(path, bytes) : data::decode_bmp(path, bytes);
      break;
    case data::FileKind::jpeg:
      throw IoError(path, "mask is a JPEG image, whose compression changes labels; expected a PNG");
    default:
      refuse(path, kind, "a PNG or BMP mask");
  }
  if (values.channels == 3) {
    if (colors.empty())
      throw IoError(path, "mask holds RGB colours, expected label values or a colour map in the data file");
    return labels_of_colors(path, values, colors);
  }
  return {values.height, values.width, std::move(values.pixels)};
}

void save_image(const std::string& path, const Image& image) {
  const auto bytes = data::encode_png(image);
  write_file(path, std::as_bytes(std::span(bytes)));
}

void save_labels(const std::string& path, const LabelMap& labels, std::span<const Color> palette) {
  Palette own;
  if (palette.empty()) {
    int top = 0;
    for (const auto label : labels.labels) top = std::max<int>(top, label == kIgnore ? 0 : label);
    own = default_palette(top + 1);
    palette = own;
  }
  const auto bytes = data::encode_png(labels, palette);
  write_file(path, std::as_bytes(std::span(bytes)));
}

}  // namespace fcngraph
