// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/dropout.h>

#include <cmath>

#include <doctest/doctest.h>

#include "run_op.h"

using namespace fcngraph;
using namespace fcngraph::test;

namespace {

HostTensor ones(Shape shape) {
  const auto count = static_cast<std::size_t>(shape.elements());
  return tensor<float>(std::move(shape), std::vector<float>(count, 1.0F));
}

std::vector<float> drop(const HostTensor& x, std::vector<std::int64_t> keys, DropoutAttrs attrs) {
  const auto count = static_cast<std::int64_t>(keys.size());
  return values<float>(run_op(ops::dropout(), attrs, {x, tensor<std::int64_t>({count}, keys)})[0]);
}

}  // namespace

TEST_CASE("dropout keeps 1 - rate of the elements and scales them up") {
  for (const double rate : {0.1, 0.5, 0.8}) {
    const auto y = drop(ones({2, 64, 16, 16}), {5, 6}, {.rate = rate, .key = "fc6_dropout"});
    std::size_t kept = 0;
    for (const float v : y) {
      CHECK_MESSAGE((v == 0.0F || v == static_cast<float>(1 / (1 - rate))), "value ", v);
      kept += v != 0.0F ? 1 : 0;
    }
    // Five standard deviations of a binomial share.
    const double n = static_cast<double>(y.size()), share = static_cast<double>(kept) / n;
    CHECK(std::abs(share - (1 - rate)) < 5 * std::sqrt(rate * (1 - rate) / n));
  }
}

TEST_CASE("dropout of rate 0 changes nothing") {
  const auto x = tensor<float>({1, 2, 1, 2}, {1.5F, -2, 0.25F, 7});
  CHECK(drop(x, {3}, {.rate = 0, .key = "d"}) == values<float>(x));
}

TEST_CASE("dropout of a sample does not depend on its place in the batch") {
  const DropoutAttrs attrs{.rate = 0.5, .key = "fc7_dropout"};
  const auto both = drop(ones({2, 8, 3, 4}), {11, 22}, attrs);
  const auto swapped = drop(ones({2, 8, 3, 4}), {22, 11}, attrs);
  const auto alone = drop(ones({1, 8, 3, 4}), {22}, attrs);
  const std::vector<float> second(both.begin() + 96, both.end()), first(swapped.begin(), swapped.begin() + 96);
  CHECK(second == first);
  CHECK(second == alone);
  CHECK(std::vector<float>(both.begin(), both.begin() + 96) != second);
}

TEST_CASE("dropout masks differ between nodes and between keys") {
  const auto x = ones({1, 64, 4, 4});
  CHECK(drop(x, {1}, {.key = "a"}) != drop(x, {1}, {.key = "b"}));
  CHECK(drop(x, {1}, {.key = "a"}) != drop(x, {2}, {.key = "a"}));
  CHECK(drop(x, {-1}, {.key = "a"}) == drop(x, {-1}, {.key = "a"}));
}

TEST_CASE("dropout numbers elements by row, column, channel") {
  const DropoutAttrs attrs{.rate = 0.5, .key = "d"};
  const auto y = drop(ones({1, 5, 3, 4}), {9}, attrs);
  const std::uint64_t stream = random_key(9, std::string_view("d"));
  for (std::int64_t c = 0; c < 5; ++c) {
    for (std::int64_t h = 0; h < 3; ++h) {
      for (std::int64_t w = 0; w < 4; ++w) {
        const bool kept = random_uniform(stream, static_cast<std::uint64_t>((h * 4 + w) * 5 + c)) >= 0.5;
        CHECK((y[static_cast<std::size_t>((c * 3 + h) * 4 + w)] != 0.0F) == kept);
      }
    }
  }
}

TEST_CASE("dropout refuses rates outside [0, 1) and keys of another number") {
  const auto key = tensor<std::int64_t>({1}, {0});
  for (const double rate : {-0.1, 1.0, std::nan("")})
    CHECK_THROWS_WITH_AS(infer_op(ops::dropout(), DropoutAttrs{.rate = rate}, {ones({1, 2}), key}),
                         doctest::Contains("expected rate in [0, 1)"), GraphError);
  CHECK_THROWS_WITH_AS(infer_op(ops::dropout(), DropoutAttrs{}, {ones({2, 2}), key}),
                       doctest::Contains("expected 'keys' of type i64[2], got i64[1]"), GraphError);
}
