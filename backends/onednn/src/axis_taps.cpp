// SPDX-License-Identifier: Apache-2.0
#include "axis_taps.h"

#include <algorithm>

#include <fcngraph/engine/ops/upsample_taps.h>

namespace fcngraph::onednn {
namespace {

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
  for (const ops::UpsampleTap& tap : ops::upsample_taps(input, factor, kind)) {
    taps.low.push_back(static_cast<std::int32_t>(tap.low));
    taps.high.push_back(static_cast<std::int32_t>(tap.high));
    taps.fraction.push_back(static_cast<float>(tap.fraction));
  }
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
