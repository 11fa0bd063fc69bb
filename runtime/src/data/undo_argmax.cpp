// SPDX-License-Identifier: Apache-2.0
// Between four pixels of a network lie many of a large file, and where one plane is the largest at all four it is so at all of these:
// what has to be mixed is the borders between classes alone.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <fcngraph/engine/error.h>

#include "data/placement.h"

namespace fcngraph::data {
namespace {

// A mixed number is off by at most ten roundings of the largest of the four that it is made of, and so is that which it is compared with.
constexpr float kRounding = 0x1.0p-19F;
// Differences of numbers beyond this may be infinite.
constexpr float kLargest = 0x1.0p126F;

/// Of a pixel of the network: which plane is the largest, by how much (by less than nothing where a number is too large or none), and
/// the largest magnitude of all.
struct Winner {
  std::uint8_t plane = 0;
  float margin = std::numeric_limits<float>::infinity();
  float magnitude = 0;
};

std::vector<Winner> winners(const float* planes, std::int64_t channels, std::int64_t pixels) {
  std::vector<Winner> out(static_cast<std::size_t>(pixels));
  for (std::int64_t p = 0; p < pixels; ++p) {
    Winner& w = out[static_cast<std::size_t>(p)];
    float best = planes[p];
    bool tame = true;
    for (std::int64_t c = 0; c < channels; ++c) {
      const float value = planes[c * pixels + p], magnitude = std::abs(value);
      tame = tame && magnitude < kLargest;
      w.magnitude = std::max(w.magnitude, magnitude);
      if (c == 0) continue;
      w.margin = value > best ? value - best : std::min(w.margin, best - value);
      w.plane = value > best ? static_cast<std::uint8_t>(c) : w.plane;
      best = std::max(best, value);
    }
    if (!tame) w.margin = -1;
  }
  return out;
}

/// Pixels of the file along an axis that lie between the same two of the network.
struct Stretch {
  std::int64_t begin, end, low, high;
};

std::vector<Stretch> stretches(const BilinearTaps& taps) {
  std::vector<Stretch> out;
  for (std::size_t i = 0; i < taps.low.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    if (out.empty() || out.back().low != taps.low[i] || out.back().high != taps.high[i])
      out.push_back({at, at, taps.low[i], taps.high[i]});
    out.back().end = at + 1;
  }
  return out;
}

/// Columns of a band of rows with one class, or where planes have to be mixed.
struct Run {
  std::int64_t begin, end;
  std::optional<std::uint8_t> label;
};

std::optional<std::uint8_t> label_between(const Winner& a, const Winner& b, const Winner& c, const Winner& d) {
  if (a.plane != b.plane || a.plane != c.plane || a.plane != d.plane) return std::nullopt;
  const float margin = std::min({a.margin, b.margin, c.margin, d.margin});
  const float magnitude = std::max({a.magnitude, b.magnitude, c.magnitude, d.magnitude});
  if (margin <= kRounding * magnitude) return std::nullopt;
  return a.plane;
}

/// The part [begin, end) of rows of the planes, resampled along x.
void widen(const float* row, const BilinearTaps& columns, const Run& run, float* out) {
  for (std::int64_t i = run.begin; i < run.end; ++i) {
    const auto x = static_cast<std::size_t>(i);
    const float a = row[columns.low[x]], b = row[columns.high[x]];
    out[x] = a + (b - a) * columns.weight[x];
  }
}

}  // namespace

LabelMap Placement::undo_argmax(std::span<const float> planes, std::int64_t channels) const {
  const auto plane = network.height * network.width;
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(planes.size()) == channels * plane, "planes of the network's size");
  FCNGRAPH_ASSERT(channels >= 1 && channels <= kIgnore, "classes that a label can tell apart");
  const auto rows = bilinear_taps(height, inverse(window_y, file.height, height), file.height);
  const auto columns = bilinear_taps(width, inverse(window_x, file.width, width), file.width);
  const auto winner = winners(planes.data(), channels, plane);
  const auto cells = stretches(columns);
  const auto content = [&](std::int64_t y) { return (top + y) * network.width + left; };

  LabelMap result = make_labels(file.height, file.width);
  const auto length = static_cast<std::size_t>(file.width);
  const auto of = [&](std::int64_t c) { return static_cast<std::size_t>(c) * length; };
  std::vector<float> upper(of(channels)), lower(of(channels)), best(length);
  std::vector<Run> runs;
  for (const Stretch& band : stretches(rows)) {
    const Winner *above = winner.data() + content(band.low), *below = winner.data() + content(band.high);
    runs.clear();
    for (const Stretch& cell : cells) {
      const auto label = label_between(above[cell.low], above[cell.high], below[cell.low], below[cell.high]);
      if (!runs.empty() && runs.back().label == label)
        runs.back().end = cell.end;
      else
        runs.push_back({cell.begin, cell.end, label});
    }
    for (const Run& run : runs) {
      for (std::int64_t c = 0; !run.label && c < channels; ++c) {
        widen(planes.data() + c * plane + content(band.low), columns, run, upper.data() + of(c));
        widen(planes.data() + c * plane + content(band.high), columns, run, lower.data() + of(c));
      }
    }
    for (std::int64_t y = band.begin; y < band.end; ++y) {
      const float w = rows.weight[static_cast<std::size_t>(y)];
      std::uint8_t* labels = result.labels.data() + y * file.width;
      for (const Run& run : runs) {
        if (run.label) {
          std::fill(labels + run.begin, labels + run.end, *run.label);
          continue;
        }
        for (std::int64_t x = run.begin; x < run.end; ++x) best[x] = upper[x] + (lower[x] - upper[x]) * w;
        for (std::int64_t c = 1; c < channels; ++c) {
          const float *a = upper.data() + of(c), *b = lower.data() + of(c);
          for (std::int64_t x = run.begin; x < run.end; ++x) {
            const float value = a[x] + (b[x] - a[x]) * w;
            const bool larger = value > best[x];
            best[x] = larger ? value : best[x];
            labels[x] = larger ? static_cast<std::uint8_t>(c) : labels[x];
          }
        }
      }
    }
  }
  return result;
}

}  // namespace fcngraph::data
