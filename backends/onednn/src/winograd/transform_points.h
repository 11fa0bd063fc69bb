// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace fcngraph::onednn::winograd {

/// F(4x4, 3x3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016): a tile of 6x6 pixels and a kernel of
/// 3x3 taps become 36 numbers each, whose products give 4x4 pixels of the result.
constexpr std::int64_t kTile = 4;    ///< pixels of the result on a side
constexpr std::int64_t kWindow = 6;  ///< pixels of the input on a side
constexpr std::int64_t kTaps = 3;
constexpr std::int64_t kNumbers = kWindow * kWindow;

/// The polynomials are evaluated at 0, +-kNear, +-kFar and infinity. The paper takes 1 and 2; these have half of the rounding
/// error (docs/kernels.md), since powers of the far one are smaller. Their powers up to the fourth are exact in f32.
constexpr float kNear = 0.625f;
constexpr float kFar = 1.5f;

}  // namespace fcngraph::onednn::winograd
