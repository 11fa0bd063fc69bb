// SPDX-License-Identifier: Apache-2.0
#include "row_interpolation.h"

#include <algorithm>
#include <cmath>

#include "parallel.h"

namespace fcngraph::onednn {
namespace {

FCNGRAPH_VECTORIZED void repeat_twice(float* __restrict to, const float* __restrict from, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    to[2 * i] = from[i];
    to[2 * i + 1] = from[i];
  }
}

FCNGRAPH_VECTORIZED void add_pairs(float* __restrict to, const float* __restrict from, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) to[i] = from[2 * i] + from[2 * i + 1];
}

FCNGRAPH_VECTORIZED void mix(float* __restrict to, const float* __restrict a, const float* __restrict b,
                             const float* __restrict fraction, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) to[i] = a[i] * (1.0f - fraction[i]) + b[i] * fraction[i];
}

FCNGRAPH_VECTORIZED void split(float* __restrict a, float* __restrict b, const float* __restrict from,
                               const float* __restrict fraction, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    a[i] = from[i] * (1.0f - fraction[i]);
    b[i] = from[i] * fraction[i];
  }
}

/// The largest odd divisor.
std::int64_t odd_part(std::int64_t n) {
  while (n % 2 == 0) n /= 2;
  return n;
}

}  // namespace

// Segment s reads the inputs s - 1 and s, clamped, so that there is one more than inputs. Outputs of `nearest` are those of the
// segments from the first on, and read the first of the two.
RowInterpolation::RowInterpolation(std::int64_t input, std::int64_t factor, Interpolation kind, std::int64_t first,
                                   std::int64_t count)
    : input_(input),
      factor_(factor),
      odd_(odd_part(factor)),
      length_((input + 1) * factor),
      begin_(first + (kind == Interpolation::nearest ? factor : factor - factor / 2)),
      count_(count),
      kind_(kind) {
  for (std::int64_t d = first; d < first + count; ++d) {
    const double source = (static_cast<double>(d) + 0.5) / static_cast<double>(factor) - 0.5;
    fraction_.push_back(kind == Interpolation::nearest ? 0.0f : static_cast<float>(source - std::floor(source)));
  }
}

void RowInterpolation::widen(float* to, const float* row, float* scratch) const {
  float *from = scratch, *next = scratch + 2 * (length_ + factor_);
  // The first and the last input once more, for the segments at the ends.
  float* at = std::fill_n(from, odd_, row[0]);
  for (std::int64_t i = 0; i < input_; ++i) at = std::fill_n(at, odd_, row[i]);
  std::fill_n(at, odd_, row[input_ - 1]);
  for (std::int64_t times = odd_; times < factor_; times *= 2) {
    repeat_twice(next, from, (input_ + 2) * times);
    std::swap(from, next);
  }
  // 0 times what is not finite would not be 0.
  if (kind_ == Interpolation::nearest)
    std::copy_n(from + begin_, count_, to);
  else
    mix(to, from + begin_, from + begin_ + factor_, fraction_.data(), count_);
}

void RowInterpolation::narrow(float* to, const float* row, float* scratch) const {
  float* sums[2] = {scratch, scratch + length_ + factor_};
  float* next = scratch + 2 * (length_ + factor_);
  for (float* side : sums) {
    std::fill_n(side, begin_, 0.0f);
    std::fill(side + begin_ + count_, side + length_, 0.0f);
  }
  split(sums[0] + begin_, sums[1] + begin_, row, fraction_.data(), count_);
  for (float*& side : sums) {
    for (std::int64_t length = length_; length > (input_ + 1) * odd_; length /= 2) {
      add_pairs(next, side, length / 2);
      std::swap(side, next);
    }
    for (std::int64_t s = 0; odd_ > 1 && s <= input_; ++s) {
      float sum = 0;
      for (std::int64_t k = 0; k < odd_; ++k) sum += side[s * odd_ + k];
      side[s] = sum;
    }
  }
  for (std::int64_t i = 0; i < input_; ++i) to[i] = sums[0][i + 1] + sums[1][i];
  to[0] += sums[0][0];
  to[input_ - 1] += sums[1][input_];
}

}  // namespace fcngraph::onednn
