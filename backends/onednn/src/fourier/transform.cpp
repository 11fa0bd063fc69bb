// SPDX-License-Identifier: Apache-2.0
#include "transform.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fcngraph::onednn::fourier {
namespace {

/// Whether a frequency is its own conjugate.
bool is_real(std::int64_t frequency, std::int64_t period) { return frequency == 0 || 2 * frequency == period; }

}  // namespace

// With x' the padded input, y[i] is the sum over a of x'[i + a] w[a]. A period of n is enough when x' is zero at i + a - n for every
// i + a >= n, and at j - n for every j >= n where x' is not: when n reaches to the end of the input from either border.
Extent2 periods(Extent2 input, const Pads& pads) {
  return {input.h + std::max(pads.top, pads.bottom), input.w + std::max(pads.left, pads.right)};
}

Frequencies::Frequencies(Extent2 p) : across(p.w / 2 + 1), period(p) {
  for (std::int64_t a = 0; a < across; ++a) total += down(a);
}

std::int64_t Frequencies::down(std::int64_t a) const { return is_real(a, period.w) ? period.h / 2 + 1 : period.h; }

Waves waves(std::int64_t period, std::int64_t frequencies, std::int64_t places, std::int64_t shift) {
  Waves out;
  out.places = places;
  for (std::int64_t f = 0; f < frequencies; ++f) {
    for (std::int64_t p = 0; p < places; ++p) {
      const double turns = static_cast<double>(f * (p + shift) % period) / static_cast<double>(period);
      out.cosine.push_back(static_cast<float>(std::cos(2 * std::numbers::pi * turns)));
      out.sine.push_back(static_cast<float>(std::sin(2 * std::numbers::pi * turns)));
    }
  }
  return out;
}

}  // namespace fcngraph::onednn::fourier
