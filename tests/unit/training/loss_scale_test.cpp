// SPDX-License-Identifier: Apache-2.0
#include "training/loss_scale.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <fcngraph/engine/error.h>

namespace fcngraph::training {
namespace {

using Change = LossScale::Change;
using State = LossScale::State;

LossScale at(const State& state) {
  LossScale scale = LossScale::dynamic();
  scale.restore(state);
  return scale;
}

TEST_CASE("a dynamic scale starts at 2^15 and doubles after 2000 finite steps in a row") {
  LossScale scale = LossScale::dynamic();
  CHECK(scale.value() == 32768);
  for (int i = 0; i < 1999; ++i) REQUIRE(scale.after_step(true) == Change::none);
  CHECK(scale.value() == 32768);
  CHECK(scale.after_step(true) == Change::doubled);
  CHECK(scale.value() == 65536);
  for (int i = 0; i < 1999; ++i) REQUIRE(scale.after_step(true) == Change::none);
  CHECK(scale.after_step(false) == Change::halved);
  CHECK(scale.value() == 32768);
  // Counted from nothing again.
  for (int i = 0; i < 1999; ++i) REQUIRE(scale.after_step(true) == Change::none);
  CHECK(scale.after_step(true) == Change::doubled);
}

TEST_CASE("every step from every state") {
  for (int exponent = 0; exponent <= 24; ++exponent) {
    const double value = std::ldexp(1.0, exponent);
    for (std::int64_t steps = 0; steps < 2000; ++steps) {
      const State before{value, steps, 3};
      LossScale good = at(before), bad = at(before);
      const Change after_good = good.after_step(true), after_bad = bad.after_step(false);
      State expected_good{value, steps + 1, 3}, expected_bad{value, 0, 3};
      Change change_good = Change::none, change_bad = Change::none;
      if (steps == 1999) {
        expected_good = {exponent == 24 ? value : 2 * value, 0, 0};
        if (exponent < 24) change_good = Change::doubled;
      }
      if (exponent > 0) {
        expected_bad = {value / 2, 0, 4};
        change_bad = Change::halved;
      }
      CAPTURE(exponent);
      CAPTURE(steps);
      REQUIRE(good.state() == expected_good);
      REQUIRE(after_good == change_good);
      REQUIRE(bad.state() == expected_bad);
      REQUIRE(after_bad == change_bad);
      REQUIRE(good.may_be_halved() == (good.value() > 1));
    }
  }
}

TEST_CASE("halved until it is 1, and doubled until it is 2^24") {
  LossScale scale = LossScale::dynamic();
  for (int i = 0; i < 15; ++i) REQUIRE(scale.after_step(false) == Change::halved);
  CHECK(scale.value() == 1);
  CHECK_FALSE(scale.may_be_halved());
  CHECK(scale.after_step(false) == Change::none);
  CHECK(scale.value() == 1);
  CHECK(scale.state().halvings == 15);
  for (int i = 0; i < 24 * 2000; ++i) scale.after_step(true);
  CHECK(scale.value() == 16777216);
  CHECK(scale.state().halvings == 0);
  for (int i = 0; i < 2000; ++i) REQUIRE(scale.after_step(true) == Change::none);
  CHECK(scale.value() == 16777216);
}

TEST_CASE("one that goes on from a checkpoint goes on as the other does") {
  // Overflows where some gradient times the scale would: more often at large scales.
  const auto overflows = [](const LossScale& scale, int step) {
    const std::uint32_t noise = static_cast<std::uint32_t>(step) * 2654435761U >> 8U;
    return scale.value() * (noise % 4093 == 0 ? 4096 : 1) > 0x1p22;
  };
  LossScale whole = LossScale::dynamic(), resumed = LossScale::dynamic();
  int halvings = 0, doublings = 0;
  for (int step = 0; step < 60000; ++step) {
    if (step % 7 == 0) resumed = at(resumed.state());
    const bool finite = !overflows(whole, step);
    const Change change = whole.after_step(finite);
    REQUIRE(resumed.after_step(finite) == change);
    REQUIRE(resumed.state() == whole.state());
    halvings += change == Change::halved ? 1 : 0;
    doublings += change == Change::doubled ? 1 : 0;
  }
  CHECK(halvings > 5);
  CHECK(doublings > 5);
}

TEST_CASE("a fixed scale stays") {
  LossScale scale = LossScale::fixed(1024);
  CHECK_FALSE(scale.is_dynamic());
  CHECK_FALSE(scale.may_be_halved());
  for (const bool finite : {true, false, false}) CHECK(scale.after_step(finite) == Change::none);
  for (int i = 0; i < 3000; ++i) scale.after_step(true);
  CHECK(scale.value() == 1024);
  scale.restore(scale.state());
  CHECK_THROWS_AS(scale.restore({512, 0, 0}), GraphError);
}

TEST_CASE("what no step leads to is refused") {
  const double infinite = std::numeric_limits<double>::infinity(), none = std::numeric_limits<double>::quiet_NaN();
  for (const double value : {0.0, 0.5, 3.0, -2.0, 33554432.0, infinite, none}) {
    CAPTURE(value);
    CHECK_THROWS_AS(at({value, 0, 0}), GraphError);
  }
  for (const std::int64_t steps : {-1, 2000}) CHECK_THROWS_AS(at({2.0, steps, 0}), GraphError);
  CHECK_THROWS_AS(at({2.0, 0, -1}), GraphError);
}

TEST_CASE("[train] says which") {
  dsl::LossScaleSpec spec;
  CHECK(LossScale::of(spec).is_dynamic());
  spec.kind = dsl::LossScaleSpec::Kind::dynamic;
  CHECK(LossScale::of(spec).is_dynamic());
  spec.kind = dsl::LossScaleSpec::Kind::fixed;
  spec.value = 256;
  CHECK(LossScale::of(spec).value() == 256);
  CHECK_FALSE(LossScale::of(spec).is_dynamic());
}

}  // namespace
}  // namespace fcngraph::training
