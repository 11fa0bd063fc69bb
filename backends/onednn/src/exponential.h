// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace fcngraph::onednn {

/// exp(x) for x <= 0 to 2 units in the last place (the polynomial of Cephes' expf: Moshier 1992); 0 below -87, NaN for NaN. Free of
/// branches and calls, so that loops over it become vectors.
[[gnu::always_inline]] inline float exp_of_nonpositive(float x) {
  constexpr float kLog2e = 1.44269504088896341f, kHigh = 0.693359375f, kLow = -2.12194440e-4f;
  const bool tiny = x < -87.0f;
  const float z = tiny ? -87.0f : x;
  // Adding and taking away 1.5 * 2^23 rounds to the nearest integer.
  const float n = (z * kLog2e + 12582912.0f) - 12582912.0f;
  const float r = (z - n * kHigh) - n * kLow;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // NaN must not be converted to an integer.
  const float safe = n == n ? n : 0.0f;
  const float power = std::bit_cast<float>((static_cast<std::int32_t>(safe) + 127) << 23);
  return tiny ? 0.0f : p * power;
}

/// log(x) for normal x > 0 to 2 units in the last place (Cephes' logf); NaN for NaN.
[[gnu::always_inline]] inline float log_of_positive(float x) {
  const auto bits = std::bit_cast<std::int32_t>(x);
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2)).
  const std::int32_t shifted = bits - 0x3f3504f3;
  const auto e = static_cast<float>(shifted >> 23);
  const float m = std::bit_cast<float>((shifted & 0x007fffff) + 0x3f3504f3);
  const float r = m - 1.0f, z = r * r;
  float p = 7.0376836292e-2f;
  p = p * r - 1.1514610310e-1f;
  p = p * r + 1.1676998740e-1f;
  p = p * r - 1.2420140846e-1f;
  p = p * r + 1.4249322787e-1f;
  p = p * r - 1.6668057665e-1f;
  p = p * r + 2.0000714765e-1f;
  p = p * r - 2.4999993993e-1f;
  p = p * r + 3.3333331174e-1f;
  const float y = p * r * z - 2.12194440e-4f * e - 0.5f * z;
  const float result = r + y + 0.693359375f * e;
  return x == x ? result : x;
}

}  // namespace fcngraph::onednn
