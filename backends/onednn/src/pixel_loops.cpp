// SPDX-License-Identifier: Apache-2.0
#include "pixel_loops.h"

#include "exponential.h"

namespace fcngraph::onednn {
namespace {

FCNGRAPH_VECTORIZED void larger_row(float* largest, const float* x, std::int64_t n) {
  // A first NaN stays, as in std::max of the op's loop; a later one ends up in the sum.
  for (std::int64_t i = 0; i < n; ++i) largest[i] = largest[i] < x[i] ? x[i] : largest[i];
}

FCNGRAPH_VECTORIZED void add_exponentials(float* __restrict sum, const float* __restrict x,
                                          const float* __restrict largest, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) sum[i] += exp_of_nonpositive(x[i] - largest[i]);
}

FCNGRAPH_VECTORIZED void write_exponentials(float* to, float* __restrict sum, const float* __restrict largest,
                                            std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    const float e = exp_of_nonpositive(to[i] - largest[i]);
    to[i] = e;
    sum[i] += e;
  }
}

FCNGRAPH_VECTORIZED void scale_row(float* __restrict to, const float* __restrict factor, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) to[i] = factor[i] == 0.0f ? 0.0f : to[i] * factor[i];
}

FCNGRAPH_VECTORIZED void log_row(float* sum, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) sum[i] = log_of_positive(sum[i]);
}

}  // namespace

void largest_of_pixels(float* largest, const float* x, const PixelBlock& b) {
  std::copy_n(x, b.count, largest);
  for (std::int64_t c = 1; c < b.channels; ++c) larger_row(largest, x + c * b.stride, b.count);
}

void exponential_sums(float* sum, const float* x, const float* largest, const PixelBlock& b) {
  std::fill_n(sum, b.count, 0.0f);
  for (std::int64_t c = 0; c < b.channels; ++c) add_exponentials(sum, x + c * b.stride, largest, b.count);
}

void exponentials_of_pixels(float* to, float* sum, const float* x, const float* largest, const PixelBlock& b) {
  std::fill_n(sum, b.count, 0.0f);
  for (std::int64_t c = 0; c < b.channels; ++c) {
    float* row = to + c * b.stride;
    if (to != x) std::copy_n(x + c * b.stride, b.count, row);
    write_exponentials(row, sum, largest, b.count);
  }
}

void scale_pixels(float* to, const float* factor, const PixelBlock& b) {
  for (std::int64_t c = 0; c < b.channels; ++c) scale_row(to + c * b.stride, factor, b.count);
}

void log_pixels(float* sum, std::int64_t count) { log_row(sum, count); }

}  // namespace fcngraph::onednn
