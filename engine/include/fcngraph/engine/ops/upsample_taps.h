// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <fcngraph/engine/ops/upsample.h>

namespace fcngraph::ops {

/// What an output pixel reads along one axis: low * (1 - fraction) + high * fraction.
struct UpsampleTap {
  std::int64_t low = 0, high = 0;
  double fraction = 0;
};

/// The taps of every output pixel along an axis of `input` pixels.
inline std::vector<UpsampleTap> upsample_taps(std::int64_t input, std::int64_t factor, Interpolation kind) {
  std::vector<UpsampleTap> taps(static_cast<std::size_t>(input * factor));
  for (std::int64_t d = 0; d < input * factor; ++d) {
    UpsampleTap& tap = taps[static_cast<std::size_t>(d)];
    if (kind == Interpolation::nearest) {
      tap = {d / factor, d / factor, 0.0};
      continue;
    }
    const double source = (static_cast<double>(d) + 0.5) / static_cast<double>(factor) - 0.5;
    const double floor = std::floor(source);
    tap.low = std::max<std::int64_t>(static_cast<std::int64_t>(floor), 0);
    tap.high = std::min<std::int64_t>(static_cast<std::int64_t>(floor) + 1, input - 1);
    tap.fraction = source - floor;
  }
  return taps;
}

}  // namespace fcngraph::ops
