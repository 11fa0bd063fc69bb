// SPDX-License-Identifier: Apache-2.0
#include "data/placement.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/half.h>

namespace fcngraph::data {
namespace {

void check(Size size, const char* what) {
  if (size.height < 1 || size.width < 1 || size.height > kMaxPixels / size.width) {
    throw GraphError(fmt::format("{} size {}x{} is out of range, expected 1 to {} pixels", what, size.width,
                                 size.height, kMaxPixels));
  }
}

std::int64_t scaled(std::int64_t extent, double scale, std::int64_t limit) {
  return std::clamp<std::int64_t>(std::llround(static_cast<double>(extent) * scale), 1, limit);
}

/// Rows of a plane, resampled along x. Rows of a larger result read the same two again and again, so that these are kept.
class WidenedRows {
 public:
  WidenedRows(const float* plane, std::int64_t stride, const BilinearTaps& columns)
      : plane_(plane), stride_(stride), columns_(&columns) {
    for (auto& row : rows_) row.resize(columns.low.size());
  }

  /// Row y of the result.
  void mix(const BilinearTaps& taps, std::int64_t y, float* out) {
    const auto i = static_cast<std::size_t>(y);
    const std::size_t low = fetch(taps.low[i], 2), high = fetch(taps.high[i], low);
    const float *a = rows_[low].data(), *b = rows_[high].data(), w = taps.weight[i];
    for (std::size_t x = 0; x < rows_[low].size(); ++x) out[x] = a[x] + (b[x] - a[x]) * w;
  }

 private:
  /// Which of the two holds row y, brought in where it is not there, in the place of the one that is not `keep`.
  std::size_t fetch(std::int64_t y, std::size_t keep) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (held_[i] == y) return i;
    }
    const std::size_t slot = keep == 0 ? 1 : 0;
    const float* row = plane_ + y * stride_;
    for (std::size_t x = 0; x < rows_[slot].size(); ++x) {
      const float a = row[columns_->low[x]], b = row[columns_->high[x]];
      rows_[slot][x] = a + (b - a) * columns_->weight[x];
    }
    held_[slot] = y;
    return slot;
  }

  const float* plane_;
  std::int64_t stride_;
  const BilinearTaps* columns_;
  std::vector<float> rows_[2];
  std::int64_t held_[2] = {-1, -1};
};

/// Four labels, mixed as bilinear resizing mixes four numbers.
std::uint8_t mixed(const std::uint8_t (&taps)[4], float x, float y, bool half) {
  const bool ignored = taps[0] == kIgnore || (x > 0 && taps[1] == kIgnore) || (y > 0 && taps[2] == kIgnore) ||
                       (x > 0 && y > 0 && taps[3] == kIgnore);
  if (ignored) return kIgnore;
  if (taps[0] == taps[1] && taps[0] == taps[2] && taps[0] == taps[3]) return taps[0];
  const auto a = static_cast<float>(taps[0]), b = static_cast<float>(taps[1]);
  const auto c = static_cast<float>(taps[2]), d = static_cast<float>(taps[3]);
  const float above = a + (b - a) * x, below = c + (d - c) * x;
  float label = above + (below - above) * y;
  if (half) label = half_to_float(float_to_half(label));
  const float whole = std::trunc(label);
  return static_cast<std::uint8_t>(static_cast<int>(whole) + (whole != label ? kMixed : 0));
}

template <typename T>
void mirror(std::span<T> values, std::int64_t width) {
  for (std::size_t i = 0; i < values.size(); i += static_cast<std::size_t>(width)) {
    const auto row = values.subspan(i, static_cast<std::size_t>(width));
    std::reverse(row.begin(), row.end());
  }
}

}  // namespace

Placement place(dsl::ResizeMode mode, Size file, Size network) {
  check(file, "image");
  check(network, "input");
  Placement p{.file = file,
              .network = network,
              .window_y = {0, static_cast<float>(file.height)},
              .window_x = {0, static_cast<float>(file.width)},
              .top = 0,
              .left = 0,
              .height = network.height,
              .width = network.width};
  const double scale_y = static_cast<double>(network.height) / static_cast<double>(file.height);
  const double scale_x = static_cast<double>(network.width) / static_cast<double>(file.width);
  if (mode == dsl::ResizeMode::letterbox) {
    const double scale = std::min(scale_y, scale_x);
    p.height = scaled(file.height, scale, network.height);
    p.width = scaled(file.width, scale, network.width);
    p.top = (network.height - p.height) / 2;
    p.left = (network.width - p.width) / 2;
  } else if (mode == dsl::ResizeMode::crop) {
    const double scale = std::max(scale_y, scale_x);
    const double window_y = static_cast<double>(network.height) / scale,
                 window_x = static_cast<double>(network.width) / scale;
    p.window_y = {static_cast<float>((static_cast<double>(file.height) - window_y) / 2), static_cast<float>(window_y)};
    p.window_x = {static_cast<float>((static_cast<double>(file.width) - window_x) / 2), static_cast<float>(window_x)};
  } else if (mode == dsl::ResizeMode::native) {
    if (file.height > network.height || file.width > network.width) {
      throw GraphError(
          fmt::format("image of {}x{} does not fit the input of {}x{} without resizing, expected resize mode "
                      "letterbox, stretch or crop",
                      file.width, file.height, network.width, network.height));
    }
    p.height = file.height;
    p.width = file.width;
  }
  return p;
}

std::int64_t reduction_for(dsl::ResizeMode mode, Size file, Size network) {
  const Placement p = place(mode, file, mode == dsl::ResizeMode::native ? file : network);
  const float ratio =
      std::min(p.window_y.extent / static_cast<float>(p.height), p.window_x.extent / static_cast<float>(p.width));
  std::int64_t reduction = 8;
  while (reduction > 1 && static_cast<float>(2 * reduction) > ratio) reduction /= 2;
  return reduction;
}

std::pair<double, double> Placement::file_position(std::int64_t y, std::int64_t x) const {
  const auto along = [](AxisWindow window, std::int64_t i, std::int64_t first, std::int64_t count) {
    return static_cast<double>(window.begin) +
           (static_cast<double>(i - first) + 0.5) * static_cast<double>(window.extent) / static_cast<double>(count);
  };
  return {along(window_y, y, top, height), along(window_x, x, left, width)};
}

void Placement::place(const Image& image, Preprocess preprocess, bool flip, std::span<float> planes, bool half) const {
  const ImageSize of_image = image.file_size();
  FCNGRAPH_ASSERT(image.channels == 3 && of_image.height == file.height && of_image.width == file.width,
                  "the placed image");
  const auto plane = network.height * network.width;
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(planes.size()) == 3 * plane, "three planes of the network's size");
  if (height < network.height || width < network.width) std::fill(planes.begin(), planes.end(), 0.0F);
  // A reduced pixel lies on whole pixels of the file, so that positions are divided, whatever is left at the end.
  const auto reduced = [&](AxisWindow window) {
    const auto by = static_cast<float>(image.reduction);
    return AxisWindow{window.begin / by, window.extent / by};
  };
  resample(image, bilinear_taps(image.height, reduced(window_y), height),
           bilinear_taps(image.width, reduced(window_x), width), [&](std::int64_t y, const float* row) {
             preprocess_row(preprocess, row, width, planes.data() + (top + y) * network.width + left, plane, half);
           });
  if (flip) flip_rows(planes, network.width);
}

void Placement::place(const LabelMap& labels, bool flip, std::span<std::uint8_t> out, std::uint8_t padding) const {
  FCNGRAPH_ASSERT(labels.height == file.height && labels.width == file.width, "the placed labels");
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(out.size()) == network.height * network.width,
                  "labels of the network's size");
  std::fill(out.begin(), out.end(), padding);
  const auto rows = nearest_taps(file.height, window_y, height);
  const auto columns = nearest_taps(file.width, window_x, width);
  for (std::size_t y = 0; y < rows.size(); ++y) {
    const auto* source = labels.labels.data() + rows[y] * file.width;
    auto* target = out.data() + (top + static_cast<std::int64_t>(y)) * network.width + left;
    for (std::size_t x = 0; x < columns.size(); ++x) target[x] = source[columns[x]];
  }
  if (flip) flip_rows(out, network.width);
}

void Placement::place_mixed(const LabelMap& labels, bool flip, std::span<std::uint8_t> out, std::uint8_t padding,
                            bool half) const {
  FCNGRAPH_ASSERT(labels.height == file.height && labels.width == file.width, "the placed labels");
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(out.size()) == network.height * network.width,
                  "labels of the network's size");
  std::fill(out.begin(), out.end(), padding);
  const auto rows = bilinear_taps(file.height, window_y, height);
  const auto columns = bilinear_taps(file.width, window_x, width);
  for (std::size_t y = 0; y < rows.low.size(); ++y) {
    const auto* upper = labels.labels.data() + rows.low[y] * file.width;
    const auto* lower = labels.labels.data() + rows.high[y] * file.width;
    auto* target = out.data() + (top + static_cast<std::int64_t>(y)) * network.width + left;
    for (std::size_t x = 0; x < columns.low.size(); ++x) {
      const auto a = columns.low[x], b = columns.high[x];
      target[x] = mixed({upper[a], upper[b], lower[a], lower[b]}, columns.weight[x], rows.weight[y], half);
    }
  }
  if (flip) flip_rows(out, network.width);
}

void Placement::undo(std::span<const float> planes, std::int64_t channels, std::span<float> out) const {
  const auto plane = network.height * network.width, file_plane = file.height * file.width;
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(planes.size()) == channels * plane, "planes of the network's size");
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(out.size()) == channels * file_plane, "planes of the file's size");
  const auto rows = bilinear_taps(height, inverse(window_y, file.height, height), file.height);
  const auto columns = bilinear_taps(width, inverse(window_x, file.width, width), file.width);
  for (std::int64_t c = 0; c < channels; ++c) {
    WidenedRows content(planes.data() + c * plane + top * network.width + left, network.width, columns);
    for (std::int64_t y = 0; y < file.height; ++y) content.mix(rows, y, out.data() + c * file_plane + y * file.width);
  }
}

LabelMap Placement::undo(const LabelMap& labels) const {
  FCNGRAPH_ASSERT(labels.height == network.height && labels.width == network.width, "labels of the network's size");
  LabelMap result = make_labels(file.height, file.width, kIgnore);
  const auto rows = nearest_taps(height, inverse(window_y, file.height, height), file.height);
  const auto columns = nearest_taps(width, inverse(window_x, file.width, width), file.width);
  const auto inside = [](AxisWindow window, std::int64_t i) {
    const float centre = static_cast<float>(i) + 0.5F;
    return centre >= window.begin && centre <= window.begin + window.extent;
  };
  for (std::int64_t y = 0; y < file.height; ++y) {
    if (!inside(window_y, y)) continue;
    for (std::int64_t x = 0; x < file.width; ++x) {
      if (!inside(window_x, x)) continue;
      result.labels[static_cast<std::size_t>(y * file.width + x)] =
          labels.at(top + rows[static_cast<std::size_t>(y)], left + columns[static_cast<std::size_t>(x)]);
    }
  }
  return result;
}

void flip_rows(std::span<float> values, std::int64_t width) { mirror(values, width); }
void flip_rows(std::span<std::uint8_t> values, std::int64_t width) { mirror(values, width); }

}  // namespace fcngraph::data
