// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <fcngraph/image.h>

namespace fcngraph::data {

/// A stretch of a source axis that is sampled at `count` places: [begin, begin + extent) in source pixels.
struct AxisWindow {
  float begin = 0;
  float extent = 0;
};

/// Seen from the file: which stretch of the content's axis the whole file covers, whose `window` the content shows.
AxisWindow inverse(AxisWindow window, std::int64_t file, std::int64_t content);

/// The two source pixels and the weight of the second, for each destination pixel of an axis. Half-pixel centres, no
/// antialiasing, edges clamped, as TensorFlow 2: source = (i + 0.5) * extent / count - 0.5, low = max(floor(source),
/// 0), high = min(ceil(source), size - 1), weight = source - floor(source).
struct BilinearTaps {
  std::vector<std::int64_t> low, high;
  std::vector<float> weight;
};
BilinearTaps bilinear_taps(std::int64_t size, AxisWindow window, std::int64_t count);

/// The source pixel nearest to each destination pixel's centre.
std::vector<std::int64_t> nearest_taps(std::int64_t size, AxisWindow window, std::int64_t count);

/// An RGB image to `height` x `width`, rounded to 8 bits. Sizes must be at least 1.
Image resize_bilinear(const Image& image, std::int64_t height, std::int64_t width);

/// Labels to `height` x `width`, never interpolated.
LabelMap resize_nearest(const LabelMap& labels, std::int64_t height, std::int64_t width);

/// Rows of an interleaved 8-bit image, resampled along x: planar, `taps.low.size()` floats a channel.
void resample_row(const std::uint8_t* row, std::int64_t channels, const BilinearTaps& taps, float* planar);

/// Resamples an image band by band: calls `emit(y, row)` for each destination row in order, row being planar floats
/// (channel, x) that `emit` may change. Only two resampled source rows are alive at a time.
template <typename Emit>
void resample(const Image& image, const BilinearTaps& rows, const BilinearTaps& columns, Emit&& emit) {
  const auto length = static_cast<std::size_t>(image.channels) * columns.low.size();
  std::vector<float> buffers[2] = {std::vector<float>(length), std::vector<float>(length)};
  std::int64_t held[2] = {-1, -1};
  std::vector<float> mixed(length);
  const auto fetch = [&](std::int64_t y, int keep) {
    for (int i = 0; i < 2; ++i) {
      if (held[i] == y) return i;
    }
    const int slot = keep == 0 ? 1 : 0;
    resample_row(image.at(y, 0), image.channels, columns, buffers[slot].data());
    held[slot] = y;
    return slot;
  };
  for (std::size_t y = 0; y < rows.low.size(); ++y) {
    const int upper = fetch(rows.low[y], -1);
    const int lower = fetch(rows.high[y], upper);
    const float* a = buffers[upper].data();
    const float* b = buffers[lower].data();
    float* out = mixed.data();
    const float w = rows.weight[y];
    for (std::size_t i = 0; i < length; ++i) out[i] = a[i] + (b[i] - a[i]) * w;
    emit(static_cast<std::int64_t>(y), out);
  }
}

}  // namespace fcngraph::data
