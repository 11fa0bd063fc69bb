// SPDX-License-Identifier: Apache-2.0
#include "initialize.h"

#include <doctest/doctest.h>
#include <omp.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/interpret.h>
#include <fcngraph/engine/random.h>
#include <cmath>

namespace fcngraph {
namespace {

HostTensor made(Initializer::Kind kind, const Shape& shape, std::uint64_t seed = 1, const std::string& name = "w",
                DType dtype = DType::f32) {
  HostTensor tensor = HostTensor::zeros({dtype, shape, {}});
  initialize({kind, 2.5}, seed, name, tensor.type, tensor.data);
  return tensor;
}

TEST_CASE("he_normal has the moments of its definition, element by element that of random_normal") {
  const Shape shape{64, 32, 5, 5};  // fan_in 800
  const HostTensor tensor = made(Initializer::Kind::he_normal, shape);
  const auto count = static_cast<double>(shape.elements());
  const double stddev = std::sqrt(2.0 / 800.0);
  double sum = 0, squares = 0, fourth = 0;
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    const double x = tensor.as<float>()[i] / stddev;
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  // Five standard deviations of each estimate: 1, sqrt(2), sqrt(96), each over sqrt(n).
  CHECK_LT(std::abs(sum / count), 5.0 / std::sqrt(count));
  CHECK_LT(std::abs(squares / count - 1.0), 5.0 * std::sqrt(2.0 / count));
  CHECK_LT(std::abs(fourth / count - 3.0), 5.0 * std::sqrt(96.0 / count));
  const std::uint64_t key = random_key(std::uint64_t{1}, "w");
  for (std::uint64_t i = 0; i < 5000; ++i) {
    REQUIRE_EQ(tensor.as<float>()[i], doctest::Approx(random_normal(key, i) * stddev).epsilon(1e-6));
  }
}

TEST_CASE("normal pairs are those of Box and Muller") {
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = random_bits(3, i);
    const double u = (static_cast<double>(bits >> 33) + 0.5) * 0x1p-31;
    const double angle = 2 * 3.14159265358979323846 * static_cast<double>(bits & 0xffffffffu) * 0x1p-32;
    const NormalPair pair = normal_pair(bits);
    // A float u near 1 has lost a part of its distance to 1: the error of the radius is about 2^-25 / radius.
    const double tolerance = 2e-6 + 1e-7 / std::sqrt(-2 * std::log(u));
    REQUIRE_LT(std::abs(pair.cosine - std::sqrt(-2 * std::log(u)) * std::cos(angle)), tolerance);
    REQUIRE_LT(std::abs(pair.sine - std::sqrt(-2 * std::log(u)) * std::sin(angle)), tolerance);
  }
  CHECK(std::isfinite(normal_pair(0).cosine));
  CHECK_EQ(normal_pair(~std::uint64_t{0}).cosine, 0.0f);
}

TEST_CASE("the number of threads changes nothing, seed and name do") {
  const Shape shape{128, 64, 3, 3};
  const int threads = omp_get_max_threads();
  for (const auto kind : {Initializer::Kind::he_normal, Initializer::Kind::glorot_uniform}) {
    omp_set_num_threads(1);
    const HostTensor one = made(kind, shape);
    omp_set_num_threads(3);
    const HostTensor three = made(kind, shape);
    omp_set_num_threads(threads);
    CHECK_EQ(one.data, three.data);
    CHECK_NE(one.data, made(kind, shape, 2).data);
    CHECK_NE(one.data, made(kind, shape, 1, "v").data);
  }
}

TEST_CASE("glorot_uniform fills its interval evenly") {
  const Shape shape{20, 30, 3, 3};
  const double limit = std::sqrt(6.0 / (270.0 + 180.0));
  const HostTensor tensor = made(Initializer::Kind::glorot_uniform, shape);
  double sum = 0, squares = 0;
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    const double x = tensor.as<float>()[i] / limit;
    REQUIRE_LE(std::abs(x), 1.0);
    sum += x;
    squares += x * x;
  }
  const auto count = static_cast<double>(shape.elements());
  CHECK_LT(std::abs(sum / count), 5 * std::sqrt(1.0 / 3 / count));
  CHECK_LT(std::abs(squares / count - 1.0 / 3), 5 * std::sqrt(4.0 / 45 / count));
}

TEST_CASE("bilinear kernels upsample each channel by itself") {
  const HostTensor four = made(Initializer::Kind::bilinear, {2, 2, 4, 4});  // factor 2
  const double taps[4] = {0.25, 0.75, 0.75, 0.25};
  for (int o = 0; o < 2; ++o) {
    for (int i = 0; i < 2; ++i) {
      for (int y = 0; y < 4; ++y) {
        for (int x = 0; x < 4; ++x)
          CHECK_EQ(four.as<float>()[((o * 2 + i) * 4 + y) * 4 + x], o == i ? taps[y] * taps[x] : 0.0);
      }
    }
  }
  const HostTensor five = made(Initializer::Kind::bilinear, {1, 1, 5, 5}, 1, "w", DType::f64);  // factor 3
  CHECK_EQ(five.as<double>()[2 * 5 + 2], doctest::Approx(1.0));
  CHECK_EQ(five.as<double>()[2 * 5 + 0], doctest::Approx(1.0 / 3));
  CHECK_THROWS_AS(made(Initializer::Kind::bilinear, {4}), GraphError);
}

TEST_CASE("constants fill, and other dtypes start at zero only") {
  CHECK_EQ(made(Initializer::Kind::constant, {3}).as<float>()[2], 2.5f);
  CHECK_EQ(made(Initializer::Kind::ones, {3}).as<float>()[2], 1.0f);
  CHECK_EQ(made(Initializer::Kind::zeros, {3}, 1, "w", DType::i64).as<std::int64_t>()[2], 0);
  CHECK_THROWS_AS(made(Initializer::Kind::ones, {3}, 1, "w", DType::i64), GraphError);
}

}  // namespace
}  // namespace fcngraph
