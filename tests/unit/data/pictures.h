// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/random.h>
#include <fcngraph/image.h>

/// An image of noise, another for each key.
inline fcngraph::Image noise_image(std::int64_t height, std::int64_t width, std::uint64_t key) {
  auto image = fcngraph::make_image(height, width);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<std::uint8_t>(fcngraph::random_below(key, i, 256));
  }
  return image;
}

/// Labels below `classes`, at random.
inline fcngraph::LabelMap noise_labels(std::int64_t height, std::int64_t width, int classes, std::uint64_t key) {
  auto map = fcngraph::make_labels(height, width);
  for (std::size_t i = 0; i < map.labels.size(); ++i) {
    map.labels[i] = static_cast<std::uint8_t>(fcngraph::random_below(key, i, static_cast<std::uint64_t>(classes)));
  }
  return map;
}
