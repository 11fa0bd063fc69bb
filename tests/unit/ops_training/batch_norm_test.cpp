// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/batch_norm.h>

#include <cmath>

#include <doctest/doctest.h>

#include "run_op.h"

using namespace fcngraph;
using namespace fcngraph::test;
using doctest::Approx;

namespace {

// Channel 0 holds 1..4 in the first image and 5..8 in the second, channel 1 is constant.
HostTensor images() { return tensor<double>({2, 2, 2, 2}, {1, 2, 3, 4, 9, 9, 9, 9, 5, 6, 7, 8, 9, 9, 9, 9}); }

HostTensor channels(double a, double b) { return tensor<double>({2}, {a, b}); }

}  // namespace

TEST_CASE("batch_norm brings each channel to mean 0 and variance 1") {
  const auto out = run_op(ops::batch_norm(), BatchNormAttrs{.momentum = 0.9, .epsilon = 1e-3},
                          {images(), channels(1, 1), channels(0, 0), channels(0, 0), channels(1, 1)});
  REQUIRE(out.size() == 5);
  const double inv_std = 1 / std::sqrt(5.25 + 1e-3);  // mean 4.5, biased variance (8^2 - 1) / 12
  const auto y = values<double>(out[0]);
  CHECK(y[0] == Approx((1 - 4.5) * inv_std));
  CHECK(y[11] == Approx((8 - 4.5) * inv_std));
  for (const std::size_t i : {4, 7, 12, 15}) CHECK(y[i] == 0.0);
  CHECK(values<double>(out[3])[0] == Approx(4.5));
  CHECK(values<double>(out[4])[0] == Approx(inv_std));
  CHECK(values<double>(out[4])[1] == Approx(1 / std::sqrt(1e-3)));
}

TEST_CASE("batch_norm scales by gamma and shifts by beta") {
  const auto plain = run_op(ops::batch_norm(), BatchNormAttrs{},
                            {images(), channels(1, 1), channels(0, 0), channels(0, 0), channels(1, 1)});
  const auto scaled = run_op(ops::batch_norm(), BatchNormAttrs{},
                             {images(), channels(3, 2), channels(-1, 7), channels(0, 0), channels(1, 1)});
  const auto a = values<double>(plain[0]), b = values<double>(scaled[0]);
  for (const std::size_t i : {0, 3, 8, 11}) CHECK(b[i] == Approx(3 * a[i] - 1));
  CHECK(b[5] == Approx(7));
}

TEST_CASE("batch_norm moves its statistics by Keras's rule") {
  const auto out = run_op(ops::batch_norm(), BatchNormAttrs{.momentum = 0.9},
                          {images(), channels(1, 1), channels(0, 0), channels(2, -1), channels(3, 0.5)});
  CHECK(values<double>(out[1])[0] == Approx(2 * 0.9 + 4.5 * 0.1));
  CHECK(values<double>(out[1])[1] == Approx(-1 * 0.9 + 9 * 0.1));
  CHECK(values<double>(out[2])[0] == Approx(3 * 0.9 + 5.25 * 0.1));
  CHECK(values<double>(out[2])[1] == Approx(0.5 * 0.9));
}

TEST_CASE("batch_norm keeps a small variance beside a large mean") {
  std::vector<float> x(64);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = i % 2 == 0 ? 4095.5F : 4096.5F;
  const auto one = tensor<float>({1}, {1}), zero = tensor<float>({1}, {0});
  const auto out =
      run_op(ops::batch_norm(), BatchNormAttrs{.momentum = 0}, {tensor<float>({4, 1, 4, 4}, x), one, zero, zero, one});
  CHECK(values<float>(out[1])[0] == 4096.0F);
  CHECK(values<float>(out[2])[0] == 0.25F);
}

TEST_CASE("batch_norm_inference uses the moving statistics") {
  const auto out = run_op(ops::batch_norm_inference(), BatchNormAttrs{.epsilon = 0.25},
                          {images(), channels(2, 1), channels(1, 0), channels(3, 9), channels(0.75, 3.75)});
  REQUIRE(out.size() == 1);
  const auto y = values<double>(out[0]);
  CHECK(y[0] == Approx((1 - 3) * 2 + 1));
  CHECK(y[8] == Approx((5 - 3) * 2 + 1));
  CHECK(y[4] == 0.0);
}

TEST_CASE("batch_norm_grad agrees with finite differences of batch_norm") {
  const BatchNormAttrs attrs{.epsilon = 0.1};
  const std::vector<double> x{0.3, -1.2, 0.8, 2.0, -0.5, 0.1};
  const std::vector<double> pull{1.0, -0.5, 0.25, 0.7, -1.1, 0.4};
  const auto one = [](double v) { return tensor<double>({1}, {v}); };
  const auto loss = [&](const std::vector<double>& at, double gamma, double beta) {
    const auto y = values<double>(
        run_op(ops::batch_norm(), attrs, {tensor<double>({3, 1, 1, 2}, at), one(gamma), one(beta), one(0), one(1)})[0]);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += pull[i] * y[i];
    return sum;
  };
  const auto forward =
      run_op(ops::batch_norm(), attrs, {tensor<double>({3, 1, 1, 2}, x), one(1.5), one(0.5), one(0), one(1)});
  const auto grads =
      run_op(ops::batch_norm_grad(), NoAttrs{},
             {tensor<double>({3, 1, 1, 2}, pull), tensor<double>({3, 1, 1, 2}, x), one(1.5), forward[3], forward[4]});
  constexpr double h = 1e-5;
  for (std::size_t i = 0; i < x.size(); ++i) {
    auto up = x, down = x;
    up[i] += h;
    down[i] -= h;
    CHECK(values<double>(grads[0])[i] == Approx((loss(up, 1.5, 0.5) - loss(down, 1.5, 0.5)) / (2 * h)).epsilon(1e-7));
  }
  CHECK(values<double>(grads[1])[0] == Approx((loss(x, 1.5 + h, 0.5) - loss(x, 1.5 - h, 0.5)) / (2 * h)).epsilon(1e-7));
  CHECK(values<double>(grads[2])[0] == Approx((loss(x, 1.5, 0.5 + h) - loss(x, 1.5, 0.5 - h)) / (2 * h)).epsilon(1e-7));
}

TEST_CASE("batch_norm names what does not fit") {
  const auto fails = [](BatchNormAttrs attrs, const HostTensor& gamma) {
    return [=] {
      infer_op(ops::batch_norm(), attrs, {images(), gamma, channels(0, 0), channels(0, 0), channels(1, 1)});
    };
  };
  CHECK_THROWS_WITH_AS(fails({}, tensor<double>({3}, {1, 1, 1}))(),
                       doctest::Contains("expected 'gamma' of type f64[2], got f64[3]"), GraphError);
  CHECK_THROWS_WITH_AS(fails({.momentum = 1.5}, channels(1, 1))(),
                       doctest::Contains("expected momentum in [0.0, 1.0], got 1.5"), GraphError);
  CHECK_THROWS_WITH_AS(fails({.epsilon = 0}, channels(1, 1))(), doctest::Contains("expected epsilon above 0, got 0.0"),
                       GraphError);
}

TEST_CASE("batch_norm's parameters start as the identity") {
  const std::vector<TensorType> inputs{{DType::f32, {2, 7, 3, 3}, {}}};
  const auto parameters = ops::batch_norm().parameters(BatchNormAttrs{}, inputs);
  REQUIRE(parameters.size() == 4);
  const char* names[] = {"gamma", "beta", "mean", "variance"};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(parameters[i].operand == names[i]);
    CHECK(parameters[i].shape == Shape{7});
    CHECK(parameters[i].init.kind == (i == 0 || i == 3 ? Initializer::Kind::ones : Initializer::Kind::zeros));
  }
}
