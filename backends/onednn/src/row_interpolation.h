// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <fcngraph/engine/ops/upsample.h>

namespace fcngraph::onednn {

/// Upsampling along a row by a whole factor, and its gradient, without gathering: outputs between the centres of two neighbouring
/// inputs form a segment of `factor` numbers, which reads just these two. So inputs are repeated factor times, by doubling where it
/// is even, and mixed; backwards, products are summed over segments by adding neighbours.
class RowInterpolation {
 public:
  /// Outputs [first, first + count) of a row of `input` numbers.
  RowInterpolation(std::int64_t input, std::int64_t factor, Interpolation kind, std::int64_t first, std::int64_t count);

  /// Numbers of scratch memory that either way wants.
  std::int64_t scratch_elements() const { return 4 * (length_ + factor_); }
  /// Outputs from inputs.
  void widen(float* to, const float* row, float* scratch) const;
  /// The gradient of every input from that of the outputs.
  void narrow(float* to, const float* row, float* scratch) const;

 private:
  std::int64_t input_, factor_, odd_, length_, begin_, count_;
  Interpolation kind_;
  std::vector<float> fraction_;  ///< of the outputs asked for: the share of a segment's second input
};

}  // namespace fcngraph::onednn
