// SPDX-License-Identifier: Apache-2.0
#include "choice.h"

#include <algorithm>

#include "transform_points.h"

namespace fcngraph::onednn::winograd {
namespace {

// To bring a number of a tile into V, or out of M, and through the caches.
constexpr double kTransform = 10;
// To make a number of transformed weights, which are computed in f64 from taps that lie far apart.
constexpr double kPack = 100;

// The share of what small tiles need that large ones may need.
constexpr double kLargeGain = 0.9;
// Products that each further number of weights must spare where these are to be small; and what all must where there are more of them
// than a cache holds, half a millisecond's.
constexpr double kSparedByEach = 256, kSparedByAll = 0x1p26, kCachedNumbers = 0x1p22;

double as_double(std::int64_t n) { return static_cast<double>(n); }
std::int64_t round_up(std::int64_t n, std::int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

}  // namespace

Estimate estimate(const Layer& layer, const Loops& loops, std::int64_t sum_pixels, bool trains) {
  const double pairs = as_double(layer.x.channels) * as_double(layer.panels * loops.panel);
  const double direct_pairs = as_double(layer.in_channels) * as_double(round_up(layer.out_channels, 8));
  const double tiles = as_double(layer.tiles), numbers = as_double(numbers_of(layer.tile));
  const double channels = as_double(layer.x.channels + layer.y.channels);
  Estimate out;
  const double rate = rate_of(in_bf16(loops) ? DType::bf16 : DType::f32);
  out.direct = as_double(kTaps * kTaps) * direct_pairs * std::max(as_double(sum_pixels), kStream) / rate;
  out.ours = numbers * pairs * std::max(tiles / kEfficiency, kStream) / rate + numbers * tiles * channels * kTransform;
  if (trains) out.ours += numbers * pairs * kPack;
  return out;
}

bool prefers_large(const Estimate& large, const Estimate& small, const Layer& layer, bool small_weights) {
  const double more = as_double(numbers_of(kLargeTile) - numbers_of(kSmallTile)) * as_double(layer.in_channels) *
                      as_double(layer.out_channels);
  const double spared = small.ours - large.ours;
  if (large.ours > kLargeGain * small.ours || (more > kCachedNumbers && spared < kSparedByAll)) return false;
  return !small_weights || spared > kSparedByEach * more;
}

Estimate estimate_weight_gradient(const Layer& layer) {
  const double pairs = as_double(layer.x.channels) * as_double(layer.y.channels);
  const double tiles = as_double(layer.tiles), numbers = as_double(numbers_of(kSmallTile));
  const double pixels =
      tiles / as_double(layer.tiles_down * layer.tiles_across) * as_double(layer.y.height * layer.y.width);
  const double channels = as_double(layer.x.channels + layer.y.channels);
  Estimate out;
  out.direct = as_double(kTaps * kTaps) * as_double(layer.in_channels) * as_double(layer.out_channels) * pixels;
  // The sums are written and read once, which takes as long as to stream them.
  out.ours = numbers * pairs * (tiles / kEfficiency + kStream) + numbers * tiles * channels * kTransform;
  return out;
}

}  // namespace fcngraph::onednn::winograd
