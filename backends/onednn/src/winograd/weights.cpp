// SPDX-License-Identifier: Apache-2.0
#include "weights.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "../parallel.h"
#include "transform_points.h"

namespace fcngraph::onednn::winograd {
namespace {

constexpr std::string_view kTag = "winograd4x4:";
constexpr std::int64_t kChannelMultiple = 16, kMostPanel = 32;

// Row i of G: the kernel's polynomial at point i over the product of that point's distances from the others.
using Rows = std::array<std::array<double, kTaps>, kWindow>;
Rows kernel_rows() {
  const std::array<double, kWindow - 1> points{0, kNear, -kNear, kFar, -kFar};
  Rows rows{};
  for (std::size_t i = 0; i < points.size(); ++i) {
    double distances = 1;
    for (std::size_t j = 0; j < points.size(); ++j) distances *= i == j ? 1 : points[i] - points[j];
    rows[i] = {1 / distances, points[i] / distances, points[i] * points[i] / distances};
  }
  rows[kWindow - 1] = {0, 0, 1};
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

}  // namespace

std::int64_t weight_channels(std::int64_t channels) {
  return (channels + kChannelMultiple - 1) / kChannelMultiple * kChannelMultiple;
}

std::int64_t weight_panels(std::int64_t outputs, std::int64_t panel) {
  return (weight_channels(outputs) + panel - 1) / panel;
}

Layout weight_layout(const TensorType& weight, std::int64_t panel) {
  const std::int64_t outputs = weight_panels(weight.shape[0], panel) * panel;
  const std::int64_t numbers = checked_mul(checked_mul(outputs, weight_channels(weight.shape[1])), kNumbers);
  return {std::string(kTag) + std::to_string(panel) + "o", checked_mul(numbers, sizeof(float))};
}

std::optional<std::int64_t> panel_of(const Layout& layout) {
  const std::string_view tag = layout.tag;
  std::int64_t panel = 0;
  if (!tag.starts_with(kTag)) return std::nullopt;
  const auto [end, mistake] = std::from_chars(tag.data() + kTag.size(), tag.data() + tag.size(), panel);
  const bool whole = mistake == std::errc() && std::string_view(end, tag.data() + tag.size()) == "o";
  if (!whole || panel < 1 || panel > kMostPanel) return std::nullopt;
  return panel;
}

void pack(const TensorType& type, std::int64_t panel, const float* weight, float* packed) {
  const std::int64_t outputs = type.shape[0], inputs = type.shape[1], channels = weight_channels(inputs);
  const std::int64_t panels = weight_panels(outputs, panel);
  const Rows rows = kernel_rows();
  parallel_for(panels * channels, [&](std::int64_t task) {
    const std::int64_t first = task / channels * panel, input = task % channels;
    // [row of the kernel][column][lane], then each column transformed, then each row of those.
    std::array<double, kTaps * kTaps * kMostPanel> taps{};
    std::array<double, kWindow * kTaps * kMostPanel> columns{};
    std::array<double, kNumbers * kMostPanel> numbers{};
    for (std::int64_t l = 0; input < inputs && l < std::min(panel, outputs - first); ++l) {
      const float* from = weight + ((first + l) * inputs + input) * kTaps * kTaps;
      for (std::int64_t t = 0; t < kTaps * kTaps; ++t)
        taps[static_cast<std::size_t>(t * panel + l)] = static_cast<double>(from[t]);
    }
    transform(rows, taps.data(), kTaps * panel, columns.data(), kTaps * panel, kTaps * panel);
    for (std::int64_t i = 0; i < kWindow; ++i) {
      transform(rows, columns.data() + i * kTaps * panel, panel, numbers.data() + i * kWindow * panel, panel, panel);
    }
    for (std::int64_t n = 0; n < kNumbers; ++n)
      narrow(packed + (n * panels * channels + task) * panel, numbers.data() + n * panel, panel);
  });
}

}  // namespace fcngraph::onednn::winograd
