// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/ops/pairwise_sum.h>

namespace fcngraph {

struct L2GradAttrs {
  double value = 0;
  static constexpr auto fields() {
    return std::tuple{
        Field{"value", &L2GradAttrs::value, "factor of the sum of squares that the loss has for the parameter"}};
  }
};

struct ClipScaleAttrs {
  double clip_norm = 0;
  static constexpr auto fields() {
    return std::tuple{
        Field{"clip_norm", &ClipScaleAttrs::clip_norm, "largest norm of all gradients together; 0: no limit"}};
  }
};

/// Elements that sum_squares sums at a time, and the partial sums that it keeps within such a block.
inline constexpr std::int64_t kSumSquaresBlock = 4096;
inline constexpr std::int64_t kSumSquaresLanes = 8;

/// The sum of squares of one block of at most kSumSquaresBlock elements: lane i % 8 takes element i, the lanes are
/// added by pairwise_sum. The lanes let a compiler use vectors of any width for the same bits.
template <class T>
double block_sum_squares(const T* x, std::int64_t count) noexcept {
  double lanes[kSumSquaresLanes] = {};
  const std::int64_t whole = count - count % kSumSquaresLanes;
  for (std::int64_t i = 0; i < whole; i += kSumSquaresLanes) {
    for (std::int64_t lane = 0; lane < kSumSquaresLanes; ++lane) {
      const double v = static_cast<double>(x[i + lane]);
      lanes[lane] += v * v;
    }
  }
  for (std::int64_t i = whole; i < count; ++i)
    lanes[i - whole] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return pairwise_sum(lanes);
}

namespace ops {

/// (grad, param, loss_scale[] or none) -> grad + 2 * value * loss_scale * param: the term value * sum(param^2) of the loss.
FCNGRAPH_API const OpDef& l2_grad();
/// x -> f64[]: the sum of x^2. Blocks of 4096 elements by block_sum_squares, these by pairwise_sum, all in double:
/// the same bits for any number of threads.
FCNGRAPH_API const OpDef& sum_squares();
/// (loss_scale[] or none, sums f64[]...) -> (scale f32[], finite f32[], norm f32[]): the norm is the root of the sums'
/// pairwise_sum over loss_scale, by which all gradients were multiplied. scale is clip_norm / norm where the norm is larger, else
/// 1, over loss_scale, and 0 where the norm is not finite; finite is 1 or 0.
FCNGRAPH_API const OpDef& clip_scale();

}  // namespace ops
}  // namespace fcngraph
