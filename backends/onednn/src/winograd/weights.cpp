// SPDX-License-Identifier: Apache-2.0
#include "weights.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <vector>

#include <fcngraph/engine/half.h>

#include "../blocked_image.h"
#include "../parallel.h"
#include "transform_points.h"

namespace fcngraph::onednn::winograd {
namespace {

/// How tags begin.
struct Name {
  std::string_view tag;
  std::int64_t tile;
  DType type;
};
constexpr std::array<Name, 3> kNames{{{"winograd4x4:", kSmallTile, DType::f32},
                                      {"winograd4x4_bf16:", kSmallTile, DType::bf16},
                                      {"winograd7x7:", kLargeTile, DType::f32}}};
constexpr std::int64_t kMostPanel = 32;
constexpr std::array<std::string_view, 4> kSuffixes{"o", "i", "ot", "it"};  // of the directions

constexpr std::int64_t kMostWindow = window_of(kLargeTile), kMostNumbers = numbers_of(kLargeTile);

// Row i of G: the kernel's polynomial at point i over the product of that point's distances from the others; the last is infinity.
using Rows = std::vector<std::array<double, kTaps>>;
Rows kernel_rows(std::int64_t tile) {
  std::vector<double> points;
  if (tile == kLargeTile)
    for (const double p : kLargePoints) points.insert(points.end(), {p, -p});
  else
    points = {0, kNear, -kNear, kFar, -kFar};
  Rows rows;
  for (std::size_t i = 0; i < points.size(); ++i) {
    double distances = 1;
    for (std::size_t j = 0; j < points.size(); ++j) distances *= i == j ? 1 : points[i] - points[j];
    rows.push_back({1 / distances, points[i] / distances, points[i] * points[i] / distances});
  }
  rows.push_back({0, 0, 1});
  return rows;
}

// to[i][l] = the sum over t of rows[i][t] * from[t][l], for `lanes` output channels side by side.
FCNGRAPH_VECTORIZED void transform(const Rows& rows, const double* from, std::int64_t from_stride, double* to,
                                   std::int64_t to_stride, std::int64_t lanes) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double a = rows[i][0], b = rows[i][1], c = rows[i][2];
    double* out = to + static_cast<std::int64_t>(i) * to_stride;
    for (std::int64_t l = 0; l < lanes; ++l)
      out[l] = a * from[l] + b * from[from_stride + l] + c * from[2 * from_stride + l];
  }
}

FCNGRAPH_VECTORIZED void narrow(float* __restrict to, const double* __restrict from, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<float>(from[i]);
}

// Every other number: between them lie those of another channel.
void narrow(std::uint16_t* __restrict to, const double* __restrict from, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) to[2 * i] = float_to_bfloat(static_cast<float>(from[i]));
}

const Name& name_of(const Packing& packing) {
  return *std::find_if(kNames.begin(), kNames.end(),
                       [&](const Name& n) { return n.tile == packing.tile && n.type == packing.type; });
}

}  // namespace

std::int64_t channels_read(const Shape& weight, Direction direction) {
  return weight[writes_outputs(direction) ? 1 : 0];
}

std::int64_t channels_written(const Shape& weight, Direction direction) {
  return weight[writes_outputs(direction) ? 0 : 1];
}

std::int64_t weight_panels(std::int64_t written, std::int64_t panel) {
  return (filled_channels(written) + panel - 1) / panel;
}

Layout weight_layout(const TensorType& weight, const Packing& packing) {
  const auto& [panel, direction, type, tile] = packing;
  const std::int64_t written = weight_panels(channels_written(weight.shape, direction), panel) * panel;
  const std::int64_t read = filled_channels(channels_read(weight.shape, direction));
  const std::int64_t numbers = checked_mul(checked_mul(written, read), numbers_of(tile));
  const std::string_view suffix = kSuffixes[static_cast<std::size_t>(direction)];
  return {std::string(name_of(packing).tag) + std::to_string(panel) + std::string(suffix),
          checked_mul(numbers, static_cast<std::int64_t>(size_of(type)))};
}

std::optional<Packing> packing_of(const Layout& layout) {
  std::string_view tag = layout.tag;
  const auto name = std::find_if(kNames.begin(), kNames.end(), [&](const Name& n) { return tag.starts_with(n.tag); });
  if (name == kNames.end()) return std::nullopt;
  Packing out{.type = name->type, .tile = name->tile};
  tag.remove_prefix(name->tag.size());
  const auto [end, mistake] = std::from_chars(tag.data(), tag.data() + tag.size(), out.panel);
  const std::string_view suffix(end, tag.data() + tag.size());
  const auto known = std::find(kSuffixes.begin(), kSuffixes.end(), suffix);
  if (mistake != std::errc() || known == kSuffixes.end()) return std::nullopt;
  if (out.panel < 1 || out.panel > kMostPanel) return std::nullopt;
  out.direction = static_cast<Direction>(known - kSuffixes.begin());
  return out;
}

void pack(const TensorType& type, const Packing& packing, const float* weight, std::byte* packed) {
  const bool to_outputs = writes_outputs(packing.direction), flipped = flips(packing.direction);
  const std::int64_t panel = packing.panel, taps_of = kTaps * kTaps;
  const std::int64_t written = channels_written(type.shape, packing.direction);
  const std::int64_t read = channels_read(type.shape, packing.direction);
  // Numbers from a channel to the next.
  const std::int64_t written_stride = to_outputs ? type.shape[1] * taps_of : taps_of;
  const std::int64_t read_stride = to_outputs ? taps_of : type.shape[1] * taps_of;
  const std::int64_t channels = filled_channels(read), panels = weight_panels(written, panel);
  const Rows rows = kernel_rows(packing.tile);
  const std::int64_t window = window_of(packing.tile);
  parallel_for(panels * channels, [&](std::int64_t task) {
    const std::int64_t first = task / channels * panel, input = task % channels;
    // [row of the kernel][column][lane], then each column transformed, then each row of those.
    std::array<double, kTaps * kTaps * kMostPanel> taps{};
    std::array<double, kMostWindow * kTaps * kMostPanel> columns{};
    std::array<double, kMostNumbers * kMostPanel> numbers{};
    for (std::int64_t l = 0; input < read && l < std::min(panel, written - first); ++l) {
      const float* from = weight + (first + l) * written_stride + input * read_stride;
      for (std::int64_t t = 0; t < taps_of; ++t)
        taps[static_cast<std::size_t>(t * panel + l)] = static_cast<double>(from[flipped ? taps_of - 1 - t : t]);
    }
    transform(rows, taps.data(), kTaps * panel, columns.data(), kTaps * panel, kTaps * panel);
    for (std::int64_t i = 0; i < window; ++i) {
      transform(rows, columns.data() + i * kTaps * panel, panel, numbers.data() + i * window * panel, panel, panel);
    }
    for (std::int64_t n = 0; n < numbers_of(packing.tile); ++n) {
      const std::int64_t place =
          n * panels * channels + task;  // `channels` is even, and so pairs of tasks lie in one panel
      const double* from = numbers.data() + n * panel;
      if (packing.type == DType::bf16)
        narrow(reinterpret_cast<std::uint16_t*>(packed) + place / 2 * 2 * panel + place % 2, from, panel);
      else
        narrow(reinterpret_cast<float*>(packed) + place * panel, from, panel);
    }
  });
}

}  // namespace fcngraph::onednn::winograd
