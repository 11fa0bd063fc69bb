// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/value_range.h>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

namespace fcngraph {
namespace {

TEST_CASE("a range is the largest finite magnitude, and how many were not finite") {
  ValueRange range;
  CHECK(range.fits());
  range.add(std::array{1.0F, -3.5F, 2.0F});
  CHECK(range == ValueRange{3.5F, 0});
  range.add(std::array{std::numeric_limits<float>::infinity(), std::nanf(""), -1.0F});
  CHECK(range == ValueRange{3.5F, 2});
  CHECK_FALSE(range.fits());
  range.add(ValueRange{7.0F, 1});
  CHECK(range == ValueRange{7.0F, 3});
}

TEST_CASE("what lies within a factor of 8 of the end of f16 does not fit") {
  CHECK(ValueRange{8188.0F, 0}.fits());
  CHECK_FALSE(ValueRange{8189.0F, 0}.fits());
  CHECK_FALSE(ValueRange{1e30F, 0}.fits());
}

}  // namespace
}  // namespace fcngraph
