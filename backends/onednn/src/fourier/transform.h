// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <fcngraph/engine/ops/window.h>

namespace fcngraph::onednn::fourier {

/// The longest period that is worth it, and for which there is room in registers and caches.
constexpr std::int64_t kLongest = 16;

/// Periods of a convolution as a product of spectra: long enough that what wraps around meets zeros.
Extent2 periods(Extent2 input, const Pads& pads);

/// The frequencies of real numbers with these periods, without those whose numbers are the conjugates of others: for each `across`
/// up to half of the period, `count` values of `down` from 0 on.
struct Frequencies {
  explicit Frequencies(Extent2 period);
  std::int64_t down(std::int64_t across) const;  ///< how many
  std::int64_t across = 0, total = 0;
  Extent2 period;
};

/// Cosines and sines of 2 pi * frequency * (place + shift) / period: [frequency][place].
struct Waves {
  std::int64_t places = 0;
  std::vector<float> cosine, sine;
};
Waves waves(std::int64_t period, std::int64_t frequencies, std::int64_t places, std::int64_t shift);

}  // namespace fcngraph::onednn::fourier
