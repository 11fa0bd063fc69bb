// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "image.h"
#include "launch.h"

namespace fcngraph::cudnn {

/// Long sums in double, in a fixed order and without atomics: `lanes` threads take every lanes-th term each, and the lanes are added
/// up in two rounds. The order depends on the extents alone.
inline constexpr std::int64_t kFold = 32;

/// to[row] = sum over lanes of from[row * row_step + lane * lane_step].
inline void fold(const Queue& queue, std::int64_t rows, std::int64_t lanes, std::int64_t row_step,
                 std::int64_t lane_step, const double* from, double* to) {
  launch(queue, rows, [=] FCNGRAPH_DEVICE(std::int64_t row) {
    double sum = 0;
    for (std::int64_t lane = 0; lane < lanes; ++lane) sum += from[row * row_step + lane * lane_step];
    to[row] = sum;
  });
}

/// Sums over `count` terms for each of `rows`: `term(row, i)`. Wants row_sum_doubles(rows) doubles at `scratch`.
inline constexpr std::int64_t kRowLanes = kFold * kFold;
constexpr std::int64_t row_sum_doubles(std::int64_t rows) { return rows * (kRowLanes + kFold); }

template <class Term>
void row_sums(const Queue& queue, std::int64_t rows, std::int64_t count, double* scratch, double* to,
              const Term& term) {
  double* partial = scratch;
  double* folded = scratch + rows * kRowLanes;
  launch(queue, rows * kRowLanes, [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const std::int64_t row = i / kRowLanes;
    double sum = 0;
    for (std::int64_t t = i % kRowLanes; t < count; t += kRowLanes) sum += term(row, t);
    partial[i] = sum;
  });
  fold(queue, rows * kFold, kFold, kFold, 1, partial, folded);
  fold(queue, rows, kFold, kFold, 1, folded, to);
}

/// Sums over images and pixels for each channel: `term(place)`. Neighbouring threads take neighbouring channels. Wants
/// channel_sum_doubles(channels) doubles at `scratch`.
constexpr std::int64_t channel_lanes(std::int64_t channels) {
  const std::int64_t lanes = (std::int64_t{1} << 18) / (channels < 1 ? 1 : channels);
  return lanes < 1 ? 1 : lanes > kRowLanes ? kRowLanes : lanes;
}
constexpr std::int64_t channel_sum_doubles(std::int64_t channels) { return channels * channel_lanes(channels); }

template <class Term>
void channel_sums(const Queue& queue, const Grid& grid, double* scratch, double* to, const Term& term) {
  const std::int64_t lanes = channel_lanes(grid.c);
  launch(queue, grid.c * lanes, [=] FCNGRAPH_DEVICE(std::int64_t i) {
    double sum = 0;
    for (std::int64_t p = i / grid.c; p < grid.pixels(); p += lanes) {
      Place place = grid.pixel(p);
      place.c = i % grid.c;
      sum += term(place);
    }
    scratch[i] = sum;
  });
  fold(queue, grid.c, lanes, 1, grid.c, scratch, to);
}

}  // namespace fcngraph::cudnn
