// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// A tensor of rank 2 to 4 seen as images of channels of pixels: [N,C] has one pixel, [N,C,L] has L.
struct ChannelExtents {
  std::int64_t images = 0, channels = 0, pixels = 1;
};

inline ChannelExtents channel_extents(const Shape& shape) {
  ChannelExtents e{shape[0], shape[1], 1};
  for (std::size_t i = 2; i < shape.rank(); ++i) e.pixels *= shape[i];
  return e;
}

/// Reports when operand i is not such a tensor; true when it is.
inline bool expect_channels(const InferContext& c, std::size_t i) {
  const std::size_t rank = c.operand(i).shape.rank();
  if (rank >= 2 && rank <= 4 && c.operand(i).shape[1] > 0) return true;
  c.error("expected operand " + std::to_string(i) + " of rank 2 to 4 with at least one channel, got " +
          to_string(c.operand(i)));
  return false;
}

/// Calls f(index of the pixel's first channel) for every pixel; its other channels lie `pixels` elements apart.
template <class F>
void for_each_pixel(const ChannelExtents& e, F f) {
  for (std::int64_t n = 0; n < e.images; ++n) {
    for (std::int64_t p = 0; p < e.pixels; ++p) f(n * e.channels * e.pixels + p);
  }
}

/// The largest value of a pixel and the sum of exp(value - largest) over its channels. NaN and infinity end up in the
/// sum.
struct Exponentials {
  double largest = 0, sum = 0;
};

template <class T>
Exponentials exponentials(const T* first, std::int64_t channels, std::int64_t stride) {
  Exponentials e{static_cast<double>(first[0]), 0};
  for (std::int64_t c = 1; c < channels; ++c) e.largest = std::max(e.largest, static_cast<double>(first[c * stride]));
  for (std::int64_t c = 0; c < channels; ++c) e.sum += std::exp(static_cast<double>(first[c * stride]) - e.largest);
  return e;
}

}  // namespace fcngraph::ops
