// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/image.h>

#include "data/pictures/legend.h"

namespace fcngraph {

Image colorize(const LabelMap& labels, std::span<const Color> palette) {
  Image image = make_image(labels.height, labels.width);
  for (std::size_t i = 0; i < labels.labels.size(); ++i) {
    const auto label = labels.labels[i];
    if (label == kIgnore || label >= palette.size()) continue;
    image.pixels[3 * i] = palette[label].r;
    image.pixels[3 * i + 1] = palette[label].g;
    image.pixels[3 * i + 2] = palette[label].b;
  }
  return image;
}

Image overlay(const Image& image, const LabelMap& labels, std::span<const Color> palette, double alpha) {
  if (image.height != labels.height || image.width != labels.width) {
    throw GraphError(fmt::format("labels are {}x{}, expected the image's {}x{}", labels.width, labels.height,
                                 image.width, image.height));
  }
  Image result = image;
  const Image colors = colorize(labels, palette);
  const double weight = std::clamp(alpha, 0.0, 1.0);
  for (std::size_t i = 0; i < labels.labels.size(); ++i) {
    if (labels.labels[i] == kIgnore || labels.labels[i] >= palette.size()) continue;
    for (std::size_t c = 3 * i; c < 3 * i + 3; ++c) {
      result.pixels[c] = static_cast<std::uint8_t>(std::lround(std::lerp(image.pixels[c], colors.pixels[c], weight)));
    }
  }
  return result;
}

Image overlay(const Image& image, const LabelMap& labels, std::span<const Color> palette, double alpha,
              std::span<const std::string> names) {
  return data::with_legend(overlay(image, labels, palette, alpha), palette, names);
}

}  // namespace fcngraph
