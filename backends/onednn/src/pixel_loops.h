// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "parallel.h"

namespace fcngraph::onednn {

/// Loops over pixels side by side, whose channels lie `stride` numbers apart: plain NCHW. At most kPixels at a time, so that what
/// is kept for each pixel stays in the first cache.
constexpr std::int64_t kPixels = 1024;

struct PixelBlock {
  std::int64_t channels, stride, count;
};

/// The largest value of each pixel.
void largest_of_pixels(float* largest, const float* x, const PixelBlock& block);
/// The sum over channels of exp(x - largest).
void exponential_sums(float* sum, const float* x, const float* largest, const PixelBlock& block);
/// The same, and the exponentials at `to`, which may be x.
void exponentials_of_pixels(float* to, float* sum, const float* x, const float* largest, const PixelBlock& block);
/// to *= factor of the pixel; 0 where the factor is 0, whatever was there.
void scale_pixels(float* to, const float* factor, const PixelBlock& block);
/// log(sum) of each pixel, in place.
void log_pixels(float* sum, std::int64_t count);

/// f(image, first pixel, count, number of the block), in parallel over the fixed blocks of `images` images.
template <class F>
void for_each_block(std::int64_t images, std::int64_t pixels, const F& f) {
  const std::int64_t blocks = (pixels + kPixels - 1) / kPixels;
  parallel_for(images * blocks, [&](std::int64_t task) {
    const std::int64_t first = task % blocks * kPixels;
    f(task / blocks, first, std::min(kPixels, pixels - first), task);
  });
}

}  // namespace fcngraph::onednn
