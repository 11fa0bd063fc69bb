// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <fcngraph/engine/export.h>

namespace fcngraph {

/// The one label that means "not to be learnt, not to be scored": every ignored value of a file and all padding.
inline constexpr std::uint8_t kIgnore = 255;

/// An image of more pixels than this is refused before memory is asked for.
inline constexpr std::int64_t kMaxPixels = std::int64_t{1} << 28;

struct Color {
  std::uint8_t r = 0, g = 0, b = 0;
  bool operator==(const Color&) const = default;
};

/// The colour of each class, in order.
using Palette = std::vector<Color>;

/// Of an image, in pixels.
struct ImageSize {
  std::int64_t height = 0, width = 0;
  bool operator==(const ImageSize&) const = default;
};

/// 8-bit pixels, row by row, channels interleaved (HWC), in RGB order.
struct Image {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 3;
  std::vector<std::uint8_t> pixels;
  std::int64_t decoder_warnings = 0;  ///< damage in the file that the decoder got over
  std::int64_t reduction = 1;         ///< so many pixels of the file, along either side, are one of these
  ImageSize reduced_from{};           ///< the size of the file, where there was a reduction

  ImageSize file_size() const { return reduction > 1 ? reduced_from : ImageSize{height, width}; }

  const std::uint8_t* at(std::int64_t y, std::int64_t x) const { return pixels.data() + (y * width + x) * channels; }
  std::uint8_t* at(std::int64_t y, std::int64_t x) { return pixels.data() + (y * width + x) * channels; }
};

/// One label a pixel, row by row (HW).
struct LabelMap {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::vector<std::uint8_t> labels;

  std::uint8_t at(std::int64_t y, std::int64_t x) const { return labels[static_cast<std::size_t>(y * width + x)]; }
};

/// A black RGB image. Throws GraphError when the size is negative or above kMaxPixels.
FCNGRAPH_API Image make_image(std::int64_t height, std::int64_t width);
/// A map filled with one label. Throws GraphError as make_image does.
FCNGRAPH_API LabelMap make_labels(std::int64_t height, std::int64_t width, std::uint8_t label = 0);

/// Reads a JPEG, PNG or uncompressed BMP as RGB. The kind is told from the first bytes, not from the name. Grey
/// becomes RGB, 16 bits are reduced to 8, alpha is dropped. Throws IoError that says what the file is when it cannot
/// be read.
FCNGRAPH_API Image load_image(const std::string& path);

/// By how much an image of a size may be reduced: 1, 2, 4 or 8.
using ReductionRule = std::function<std::int64_t(ImageSize file)>;

/// The same, but a JPEG is decoded at the fraction of its size that the rule gives: each of its blocks of 8x8 pixels becomes 4x4, 2x2 or
/// one, which takes less time. Pixels of the last column and row may stand for fewer of the file. `spare` is an image that is needed no
/// more: memory of its size is not asked for again. Throws GraphError for another reduction.
FCNGRAPH_API Image load_image(const std::string& path, const ReductionRule& rule, Image spare = {});

/// Reads a mask: the indices of a palette PNG, the values of a grey PNG or BMP of up to 8 bits. A mask of RGB colours
/// needs `colors`: label i is colors[i]; a colour that is not in it is an IoError with its pixel. A grey mask ignores
/// `colors`.
FCNGRAPH_API LabelMap load_label_map(const std::string& path, std::span<const Color> colors = {});

/// Writes an RGB PNG, atomically: the file is there as a whole or not at all. Throws IoError.
FCNGRAPH_API void save_image(const std::string& path, const Image& image);

/// Writes a palette PNG whose indices are the labels, atomically; kIgnore is white. Without a palette: default_palette.
FCNGRAPH_API void save_labels(const std::string& path, const LabelMap& labels, std::span<const Color> palette = {});

/// The colours usual for CamVid's 11 classes.
FCNGRAPH_API Palette camvid_palette();
/// Pascal VOC's colours (class bits shuffled into the high bits of R, G, B) for n classes, up to 256.
FCNGRAPH_API Palette voc_palette(std::int64_t classes = 21);
/// Pet, background, border.
FCNGRAPH_API Palette pets_palette();
/// n points along matplotlib's `inferno`, dark to bright.
FCNGRAPH_API Palette inferno_palette(std::int64_t classes);
/// Distinct colours for n classes, a dark one for class 0.
FCNGRAPH_API Palette default_palette(std::int64_t classes);
/// "camvid", "voc", "pets", "inferno", "default" for n classes. Throws GraphError that names the known ones.
FCNGRAPH_API Palette palette_by_name(const std::string& name, std::int64_t classes);

/// Each label as its colour, black where kIgnore.
FCNGRAPH_API Image colorize(const LabelMap& labels, std::span<const Color> palette);

/// Blends `alpha` of the labels' colours over the image; ignored pixels show the image. Sizes must agree (GraphError).
FCNGRAPH_API Image overlay(const Image& image, const LabelMap& labels, std::span<const Color> palette,
                           double alpha = 0.6);

/// The same, with a legend below: a swatch and a name for each class.
FCNGRAPH_API Image overlay(const Image& image, const LabelMap& labels, std::span<const Color> palette, double alpha,
                           std::span<const std::string> names);

/// One picture beside the other on white, each under its title, with a legend below when there are names.
struct Panel {
  std::string title;
  Image image;
};
FCNGRAPH_API Image side_by_side(std::span<const Panel> panels, std::span<const Color> palette = {},
                                std::span<const std::string> names = {});

}  // namespace fcngraph
