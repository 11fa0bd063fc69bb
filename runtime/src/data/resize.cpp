// SPDX-License-Identifier: Apache-2.0
#include "data/resize.h"

#include <algorithm>
#include <cmath>

#include <fcngraph/engine/error.h>

namespace fcngraph::data {

AxisWindow inverse(AxisWindow window, std::int64_t file, std::int64_t content) {
  const double scale = static_cast<double>(content) / static_cast<double>(window.extent);
  return {static_cast<float>(-static_cast<double>(window.begin) * scale),
          static_cast<float>(static_cast<double>(file) * scale)};
}

BilinearTaps bilinear_taps(std::int64_t size, AxisWindow window, std::int64_t count) {
  BilinearTaps taps;
  const auto n = static_cast<std::size_t>(count);
  taps.low.resize(n);
  taps.high.resize(n);
  taps.weight.resize(n);
  // f32 throughout: the places where TensorFlow rounds are part of what is reproduced.
  const float scale = window.extent / static_cast<float>(count);
  for (std::size_t i = 0; i < n; ++i) {
    const float source = (static_cast<float>(i) + 0.5F) * scale - 0.5F + window.begin;
    const float floor = std::floor(source);
    taps.low[i] = std::clamp<std::int64_t>(static_cast<std::int64_t>(floor), 0, size - 1);
    taps.high[i] = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(source)), 0, size - 1);
    taps.weight[i] = source - floor;
  }
  return taps;
}

std::vector<std::int64_t> nearest_taps(std::int64_t size, AxisWindow window, std::int64_t count) {
  std::vector<std::int64_t> taps(static_cast<std::size_t>(count));
  const float scale = window.extent / static_cast<float>(count);
  for (std::size_t i = 0; i < taps.size(); ++i) {
    const float source = (static_cast<float>(i) + 0.5F) * scale + window.begin;
    taps[i] = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(source)), 0, size - 1);
  }
  return taps;
}

void resample_row(const std::uint8_t* row, std::int64_t channels, const BilinearTaps& taps, float* planar) {
  const std::size_t count = taps.low.size();
  for (std::int64_t c = 0; c < channels; ++c) {
    float* out = planar + static_cast<std::size_t>(c) * count;
    for (std::size_t x = 0; x < count; ++x) {
      const auto a = static_cast<float>(row[taps.low[x] * channels + c]);
      const auto b = static_cast<float>(row[taps.high[x] * channels + c]);
      out[x] = a + (b - a) * taps.weight[x];
    }
  }
}

Image resize_bilinear(const Image& image, std::int64_t height, std::int64_t width) {
  FCNGRAPH_ASSERT(image.height > 0 && image.width > 0 && height > 0 && width > 0, "sizes of at least 1");
  Image result = make_image(height, width);
  const auto rows = bilinear_taps(image.height, {0, static_cast<float>(image.height)}, height);
  const auto columns = bilinear_taps(image.width, {0, static_cast<float>(image.width)}, width);
  resample(image, rows, columns, [&](std::int64_t y, const float* row) {
    for (std::int64_t x = 0; x < width; ++x) {
      for (std::int64_t c = 0; c < 3; ++c)
        result.at(y, x)[c] = static_cast<std::uint8_t>(std::lround(row[c * width + x]));
    }
  });
  return result;
}

LabelMap resize_nearest(const LabelMap& labels, std::int64_t height, std::int64_t width) {
  FCNGRAPH_ASSERT(labels.height > 0 && labels.width > 0 && height > 0 && width > 0, "sizes of at least 1");
  LabelMap result = make_labels(height, width);
  const auto rows = nearest_taps(labels.height, {0, static_cast<float>(labels.height)}, height);
  const auto columns = nearest_taps(labels.width, {0, static_cast<float>(labels.width)}, width);
  auto* out = result.labels.data();
  for (const auto y : rows) {
    for (const auto x : columns) *out++ = labels.at(y, x);
  }
  return result;
}

}  // namespace fcngraph::data
