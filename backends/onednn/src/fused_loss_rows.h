// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace fcngraph::onednn {

/// What a fused loss keeps for each pixel of a row of logits while it goes over the classes.
struct LossRow {
  static constexpr std::int64_t kArrays = 7;

  std::int64_t pixels;
  float* largest;  ///< logit
  float* sum;      ///< of the exponentials; from finish_loss on the factor over it
  float* picked;   ///< logit of the label
  float* factor;   ///< weight of the label; 0 where the pixel does not count
  float* unused;
  std::int32_t* leader;  ///< class of the largest logit
  std::int32_t* label;   ///< -1 where the pixel does not count

  /// In memory of kArrays times `stride` numbers.
  static LossRow at(float* memory, std::int64_t stride, std::int64_t pixels);
};

/// Reads the labels of a row; how many count.
float begin_row(const LossRow& row, const std::uint8_t* labels, const float* weights, std::int64_t ignore,
                std::int64_t classes);
/// The logits of class c: upper * (1 - fraction) + lower * fraction.
void mix_logits(const LossRow& row, float* logits, const float* upper, const float* lower, float fraction,
                std::int64_t c);
void write_leaders(const LossRow& row, std::uint8_t* labels);
/// Replaces the logits of class c by exp(logit - largest) and adds these to the sums.
void add_exponentials(const LossRow& row, float* logits, std::int64_t c);
/// The loss of the row.
float finish_loss(const LossRow& row);
/// Adds the gradient of the logits of class c, by its exponentials, to the two rows that they were mixed of.
void add_gradient(const LossRow& row, const float* exponentials, float* upper, float* lower, float fraction,
                  std::int64_t c);

}  // namespace fcngraph::onednn
