// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/random.h>

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <set>

namespace fcngraph {
namespace {

constexpr std::uint64_t kKey = random_key(random_key(7, "conv1.weight"), 3);

TEST_CASE("a number is a pure function of key and counter") {
  static_assert(random_bits(kKey, 5) == random_bits(kKey, 5));
  double forward = 0.0;
  double backward = 0.0;
  for (std::uint64_t i = 0; i < 1000; ++i) forward += random_uniform(kKey, i) * static_cast<double>(i);
  for (std::uint64_t i = 1000; i-- > 0;) backward += random_uniform(kKey, i) * static_cast<double>(i);
  CHECK_EQ(forward, doctest::Approx(backward).epsilon(1e-12));
}

TEST_CASE("keys differ by name, number and order") {
  const std::set<std::uint64_t> keys{random_key(1, "a"), random_key(1, "b"), random_key(2, "a"), random_key(1, ""),
                                     random_key(1, 2),   random_key(2, 1),   random_key(0, 0),   random_key(1, 1)};
  CHECK_EQ(keys.size(), 8);
}

TEST_CASE("uniform numbers have the moments and the spread of the uniform distribution") {
  constexpr std::uint64_t kCount = 200'000;
  double sum = 0.0;
  double squares = 0.0;
  double product = 0.0;
  std::array<int, 20> bins{};
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const double u = random_uniform(kKey, i);
    REQUIRE_GE(u, 0.0);
    REQUIRE_LT(u, 1.0);
    sum += u;
    squares += u * u;
    product += (u - 0.5) * (random_uniform(kKey, i + 1) - 0.5);
    ++bins.at(static_cast<std::size_t>(u * 20.0));
  }
  // Five standard deviations of each estimate: 0.2887/sqrt(n), 0.298/sqrt(n), (1/12)/sqrt(n).
  const double root = std::sqrt(static_cast<double>(kCount));
  CHECK_LT(std::abs(sum / kCount - 0.5), 5 * 0.2887 / root);
  CHECK_LT(std::abs(squares / kCount - 1.0 / 3.0), 5 * 0.2981 / root);
  CHECK_LT(std::abs(product / kCount), 5 * (1.0 / 12.0) / root);
  double chi2 = 0.0;
  for (const int n : bins) chi2 += (n - kCount / 20.0) * (n - kCount / 20.0) / (kCount / 20.0);
  CHECK_LT(chi2, 60.0);  // 19 degrees of freedom: above this once in 10^6
}

TEST_CASE("normal numbers have the first four moments of the normal distribution") {
  constexpr std::uint64_t kCount = 200'000;
  std::array<double, 5> moment{};
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const double x = random_normal(kKey, i);
    REQUIRE(std::isfinite(x));
    for (std::size_t p = 1; p <= 4; ++p) moment.at(p) += std::pow(x, static_cast<double>(p)) / kCount;
  }
  // Standard deviations of the estimates: 1, sqrt(2), sqrt(15), sqrt(96), each over sqrt(n).
  const double root = std::sqrt(static_cast<double>(kCount));
  CHECK_LT(std::abs(moment[1]), 5 / root);
  CHECK_LT(std::abs(moment[2] - 1.0), 5 * std::sqrt(2.0) / root);
  CHECK_LT(std::abs(moment[3]), 5 * std::sqrt(15.0) / root);
  CHECK_LT(std::abs(moment[4] - 3.0), 5 * std::sqrt(96.0) / root);
}

TEST_CASE("integers below a bound reach every value and no other") {
  std::array<int, 7> seen{};
  for (std::uint64_t i = 0; i < 70'000; ++i) ++seen.at(random_below(kKey, i, 7));
  for (const int n : seen) CHECK_LT(std::abs(n - 10'000), 500);
  for (std::uint64_t i = 0; i < 100; ++i) CHECK_EQ(random_below(kKey, i, 1), 0);
}

TEST_CASE("one flipped bit of the counter flips about half of the result") {
  double flipped = 0.0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    flipped += std::popcount(random_bits(kKey, i) ^ random_bits(kKey, i ^ (std::uint64_t{1} << (i % 64))));
  }
  CHECK_LT(std::abs(flipped / 1000.0 - 32.0), 1.0);
}

}  // namespace
}  // namespace fcngraph
