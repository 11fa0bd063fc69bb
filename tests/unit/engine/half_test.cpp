// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/half.h>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace fcngraph {
namespace {

TEST_CASE("every 16-bit number survives the way to f32 and back") {
  int wrong = 0;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto narrow = static_cast<std::uint16_t>(bits);
    const float half = half_to_float(narrow), bfloat = bfloat_to_float(narrow);
    wrong += std::isnan(half) ? !std::isnan(half_to_float(float_to_half(half))) : float_to_half(half) != narrow;
    wrong +=
        std::isnan(bfloat) ? !std::isnan(bfloat_to_float(float_to_bfloat(bfloat))) : float_to_bfloat(bfloat) != narrow;
  }
  CHECK(wrong == 0);
}

TEST_CASE("f32 is rounded to the nearest 16-bit number, ties to even") {
  CHECK(half_to_float(float_to_half(1.0f + 0x1p-11f)) == 1.0f);
  CHECK(half_to_float(float_to_half(1.0f + 0x1.8p-10f)) == 1.0f + 0x1p-9f);
  CHECK(half_to_float(float_to_half(0x1.8p-24f)) == 0x1p-23f);
  CHECK(half_to_float(float_to_half(0x1p-25f)) == 0.0f);
  CHECK(half_to_float(float_to_half(0x1.ffep-15f)) == 0x1p-14f);
  CHECK(half_to_float(float_to_half(65519.0f)) == 65504.0f);
  CHECK(half_to_float(float_to_half(-65520.0f)) == -std::numeric_limits<float>::infinity());
  CHECK(bfloat_to_float(float_to_bfloat(1.0f + 0x1p-8f)) == 1.0f);
  CHECK(bfloat_to_float(float_to_bfloat(1.0f + 0x1.8p-7f)) == 1.0f + 0x1p-6f);
  CHECK(bfloat_to_float(float_to_bfloat(std::numeric_limits<float>::max())) == std::numeric_limits<float>::infinity());
}

}  // namespace
}  // namespace fcngraph
