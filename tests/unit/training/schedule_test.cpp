// SPDX-License-Identifier: Apache-2.0
#include "training/schedule.h"

#include <doctest/doctest.h>

#include <fcngraph/engine/error.h>

namespace fcngraph::training {
namespace {

TEST_CASE("the warm-up is 5 % of all steps, at most 200, unless the model says otherwise") {
  CHECK(Schedule("cosine", 1, 100, {}).warmup() == 5);
  CHECK(Schedule("cosine", 1, 4000, {}).warmup() == 200);
  CHECK(Schedule("cosine", 1, 100000, {}).warmup() == 200);
  CHECK(Schedule("cosine", 1, 100, 17).warmup() == 17);
}

TEST_CASE("the warm-up rises in equal steps and starts above zero") {
  const Schedule schedule("constant", 0.8, 100, 4);
  CHECK(schedule.at(0) == doctest::Approx(0.2));
  CHECK(schedule.at(1) == doctest::Approx(0.4));
  CHECK(schedule.at(3) == doctest::Approx(0.8));
  CHECK(schedule.at(99) == doctest::Approx(0.8));
}

TEST_CASE("the cosine falls from the base to zero") {
  const Schedule schedule("cosine", 2.0, 110, 10);
  CHECK(schedule.at(10) == doctest::Approx(2.0));
  CHECK(schedule.at(60) == doctest::Approx(1.0));
  CHECK(schedule.at(109) > 0.0);
  CHECK(schedule.at(110) == doctest::Approx(0.0));
  for (int step = 11; step < 110; ++step) CHECK(schedule.at(step) < schedule.at(step - 1));
}

TEST_CASE("short runs have no warm-up and still learn") {
  const Schedule schedule("cosine", 1.0, 3, {});
  CHECK(schedule.warmup() == 0);
  CHECK(schedule.at(0) == doctest::Approx(1.0));
  CHECK(schedule.at(2) > 0.0);
}

TEST_CASE("what makes no sense is refused") {
  CHECK_THROWS_AS(Schedule("linear", 1, 10, {}), GraphError);
  CHECK_THROWS_AS(Schedule("cosine", 1, -1, {}), GraphError);
  CHECK_THROWS_AS(Schedule("cosine", 1, 10, -1), GraphError);
}

}  // namespace
}  // namespace fcngraph::training
