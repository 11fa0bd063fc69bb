// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/ops/upsample.h>

#include "image.h"

namespace fcngraph::cudnn {

/// What an output pixel reads along one axis: low * (1 - fraction) + high * fraction.
struct Tap {
  std::int64_t low, high;
  float fraction;
};

/// The outputs, half-open, that may read an input pixel along one axis.
struct Readers {
  std::int64_t first, last;
};

/// The arithmetic of an upsampling along one axis, in integers but for the fraction: output d lies at (2 d + 1 - factor) / (2 factor)
/// of the input.
struct Resampling {
  std::int64_t factor = 1, input = 1;
  bool bilinear = true;

  Resampling(const UpsampleAttrs& attrs, std::int64_t by, std::int64_t pixels)
      : factor(by), input(pixels), bilinear(attrs.kind == Interpolation::bilinear) {}

  FCNGRAPH_DEVICE Tap tap(std::int64_t d) const {
    if (!bilinear) return {d / factor, d / factor, 0.0f};
    // Counted from one pixel before the image, so that the division is of a number that is not negative.
    const std::int64_t shifted = 2 * d + 1 + factor;
    const std::int64_t low = shifted / (2 * factor) - 1, rest = shifted % (2 * factor);
    return {low < 0 ? 0 : low, low + 1 < input ? low + 1 : input - 1,
            static_cast<float>(rest) / static_cast<float>(2 * factor)};
  }

  /// A superset of one pixel or two, of which `weight` makes exactly those that read `p`.
  FCNGRAPH_DEVICE Readers readers(std::int64_t p) const {
    if (!bilinear) return {p * factor, (p + 1) * factor};
    const std::int64_t first = (p - 1) * factor + factor / 2, last = (p + 1) * factor + (factor + 1) / 2;
    return {p == 0 || first < 0 ? 0 : first, p == input - 1 || last > input * factor ? input * factor : last};
  }

  /// What output d takes of input p; 0 where it does not read it.
  FCNGRAPH_DEVICE float weight(std::int64_t d, std::int64_t p) const {
    const Tap t = tap(d);
    return (t.low == p ? 1.0f - t.fraction : 0.0f) + (t.high == p ? t.fraction : 0.0f);
  }
};

/// The value of an image at an output pixel. A fraction of 0 does not read the other pixel: 0 * inf is not 0.
template <class T>
FCNGRAPH_DEVICE inline float interpolate(const Grid& grid, const T* x, const Place& p, const Tap& row,
                                         const Tap& column) {
  const auto mix = [&](std::int64_t h) {
    const float low = load(x[grid.at({p.n, p.c, h, column.low})]);
    if (column.fraction == 0.0f) return low;
    return low * (1.0f - column.fraction) + load(x[grid.at({p.n, p.c, h, column.high})]) * column.fraction;
  };
  const float low = mix(row.low);
  return row.fraction == 0.0f ? low : low * (1.0f - row.fraction) + mix(row.high) * row.fraction;
}

}  // namespace fcngraph::cudnn
