// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace fcngraph::onednn::winograd {

/// F(m x m, 3x3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016): a tile of m + 2 pixels on a side and a
/// kernel of 3x3 taps become (m + 2)^2 numbers each, whose products give m x m pixels of the result.
constexpr std::int64_t kTaps = 3;

/// Pixels of the result on a side of a tile. The larger takes fewer products a pixel, and loses more digits.
constexpr std::int64_t kSmallTile = 4, kLargeTile = 7;

/// Pixels of the input on a side of a tile.
constexpr std::int64_t window_of(std::int64_t tile) { return tile + kTaps - 1; }
constexpr std::int64_t numbers_of(std::int64_t tile) { return window_of(tile) * window_of(tile); }

/// Whether two by two tiles are pooled together, since windows of 2x2 pixels reach over their odd sides.
constexpr bool in_quads(std::int64_t tile, bool pools) { return pools && tile % 2 != 0; }

/// Tiles along a side of a map; an even number of them in quads.
constexpr std::int64_t tiles_along(std::int64_t pixels, std::int64_t tile, bool quads) {
  const std::int64_t unit = quads ? 2 : 1;
  return (pixels + unit * tile - 1) / (unit * tile) * unit;
}

/// The polynomials of a small tile are evaluated at 0, +-kNear, +-kFar and infinity. The paper takes 1 and 2; these have half of the
/// rounding error (docs/kernels.md), since powers of the far one are smaller. Their powers up to the fourth are exact in f32.
constexpr float kNear = 0.625f;
constexpr float kFar = 1.5f;

/// Those of a large tile at plus and minus each of these, and at infinity: what a search for the smallest error found, rounded to
/// 32nds.
constexpr std::array<float, 4> kLargePoints{0.21875f, 0.65625f, 1.15625f, 2.125f};

}  // namespace fcngraph::onednn::winograd
