// SPDX-License-Identifier: Apache-2.0
#include "axis_taps.h"

#include <algorithm>
#include <cmath>

namespace fcngraph::onednn {
namespace {

void add_tap(AxisTaps& taps, std::int64_t input, std::int64_t d, std::int64_t factor, Interpolation kind) {
  if (kind == Interpolation::nearest) {
    taps.low.push_back(static_cast<std::int32_t>(d / factor));
    taps.high.push_back(taps.low.back());
    taps.fraction.push_back(0.0f);
    return;
  }
  const double source = (static_cast<double>(d) + 0.5) / static_cast<double>(factor) - 0.5;
  const double floor = std::floor(source);
  const auto low = static_cast<std::int64_t>(floor);
  taps.low.push_back(static_cast<std::int32_t>(std::max<std::int64_t>(low, 0)));
  taps.high.push_back(static_cast<std::int32_t>(std::min(low + 1, input - 1)));
  taps.fraction.push_back(static_cast<float>(source - floor));
}

/// The weight of input i in output d.
float weight_of(const AxisTaps& taps, std::int64_t i, std::size_t d) {
  float weight = 0;
  if (taps.low[d] == i) weight += 1.0f - taps.fraction[d];
  if (taps.high[d] == i) weight += taps.fraction[d];
  return weight;
}

}  // namespace

AxisTaps axis_taps(std::int64_t input, std::int64_t factor, Interpolation kind) {
  AxisTaps taps;
  const std::int64_t output = input * factor;
  for (std::int64_t d = 0; d < output; ++d) add_tap(taps, input, d, factor, kind);
  // Outputs that read input i lie within one and a half factors of its own.
  for (std::int64_t i = 0; i < input; ++i) {
    const std::int64_t from = std::max<std::int64_t>((i - 1) * factor, 0), to = std::min((i + 2) * factor, output);
    std::int64_t first = from;
    while (first < to && weight_of(taps, i, static_cast<std::size_t>(first)) == 0.0f) ++first;
    taps.first.push_back(first);
    taps.begin.push_back(static_cast<std::int64_t>(taps.weights.size()));
    for (std::int64_t d = first; d < to; ++d) {
      const float weight = weight_of(taps, i, static_cast<std::size_t>(d));
      if (weight == 0.0f) break;
      taps.weights.push_back(weight);
    }
  }
  taps.begin.push_back(static_cast<std::int64_t>(taps.weights.size()));
  return taps;
}

}  // namespace fcngraph::onednn
