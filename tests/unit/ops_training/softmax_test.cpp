// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/softmax.h>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "run_op.h"

using namespace fcngraph;
using namespace fcngraph::test;
using doctest::Approx;

TEST_CASE("softmax is a distribution over the channels of each pixel") {
  // Two pixels: channels (0, ln 2, ln 5) and (7, 7, 7).
  const auto y = values<double>(
      run_op(ops::softmax(), NoAttrs{}, {tensor<double>({1, 3, 1, 2}, {0, 7, std::log(2.0), 7, std::log(5.0), 7})})[0]);
  CHECK(y[0] == Approx(0.125));
  CHECK(y[2] == Approx(0.25));
  CHECK(y[4] == Approx(0.625));
  for (const std::size_t i : {1, 3, 5}) CHECK(y[i] == Approx(1.0 / 3));
}

TEST_CASE("softmax of large values does not overflow") {
  const auto y = values<float>(run_op(ops::softmax(), NoAttrs{}, {tensor<float>({1, 2}, {3e38F, 1e38F})})[0]);
  CHECK(y == std::vector<float>{1, 0});
}

TEST_CASE("softmax keeps NaN to its pixel") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto y = values<float>(run_op(ops::softmax(), NoAttrs{}, {tensor<float>({2, 2}, {1, nan, 4, 4})})[0]);
  CHECK(std::isnan(y[0]));
  CHECK(std::isnan(y[1]));
  CHECK(y[2] == 0.5F);
}

TEST_CASE("softmax_grad is the product with the Jacobian") {
  const std::vector<double> y{0.2, 0.3, 0.5}, g{1, -2, 4};
  const auto grad =
      values<double>(run_op(ops::softmax_grad(), NoAttrs{}, {tensor<double>({1, 3}, g), tensor<double>({1, 3}, y)})[0]);
  for (std::size_t i = 0; i < 3; ++i) {
    double expected = 0;
    for (std::size_t j = 0; j < 3; ++j) expected += g[j] * y[j] * ((i == j ? 1.0 : 0.0) - y[i]);
    CHECK(grad[i] == Approx(expected));
  }
}

TEST_CASE("softmax refuses shapes without channels") {
  CHECK_THROWS_WITH_AS(infer_op(ops::softmax(), NoAttrs{}, {tensor<float>({2}, {1, 2})}),
                       doctest::Contains("expected operand 0 of rank 2 to 4"), GraphError);
  CHECK_THROWS_AS(infer_op(ops::softmax(), NoAttrs{}, {tensor<float>({2, 0}, {})}), GraphError);
}
