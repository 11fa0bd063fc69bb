// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/gradient_norm.h>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "run_op.h"

using namespace fcngraph;
using namespace fcngraph::test;
using doctest::Approx;

namespace {

struct Clip {
  float scale, finite, norm;
};

Clip clip(double clip_norm, std::vector<double> sums, OptionalTensor loss_scale = {}) {
  std::vector<OptionalTensor> operands{std::move(loss_scale)};
  for (const double sum : sums) operands.push_back(scalar(sum));
  const auto out = run_op(ops::clip_scale(), ClipScaleAttrs{clip_norm}, operands);
  return {values<float>(out[0])[0], values<float>(out[1])[0], values<float>(out[2])[0]};
}

double sum_of_squares(const std::vector<float>& x) {
  return values<double>(
      run_op(ops::sum_squares(), NoAttrs{}, {tensor<float>({static_cast<std::int64_t>(x.size())}, x)})[0])[0];
}

}  // namespace

TEST_CASE("l2_grad adds twice the value times the parameter") {
  const auto out =
      run_op(ops::l2_grad(), L2GradAttrs{0.25}, {tensor<float>({3}, {1, 2, 3}), tensor<float>({3}, {4, -8, 0})});
  CHECK(values<float>(out[0]) == std::vector<float>{3, -2, 3});
  const auto scaled = run_op(ops::l2_grad(), L2GradAttrs{0.25},
                             {tensor<float>({3}, {8, 16, 24}), tensor<float>({3}, {4, -8, 0}), scalar(8.0F)});
  CHECK(values<float>(scaled[0]) == std::vector<float>{24, -16, 24});
}

TEST_CASE("sum_squares is exact where double is") {
  for (const std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{4095}, std::size_t{4096},
                              std::size_t{4097}, std::size_t{20011}}) {
    std::vector<float> x(n);
    double expected = 0;
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = static_cast<float>(static_cast<int>(i % 17) - 8);
      expected += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    }
    CHECK(sum_of_squares(x) == expected);
  }
}

TEST_CASE("sum_squares does not overflow or lose what f32 would") {
  CHECK(sum_of_squares({3e38F, 3e38F}) == 2 * static_cast<double>(3e38F) * static_cast<double>(3e38F));
  std::vector<float> x(10000, 1e-3F);
  x[0] = 1e4F;
  CHECK(sum_of_squares(x) == Approx(1e8 + 9999e-6).epsilon(1e-13));
}

TEST_CASE("sum_squares sums blocks, and blocks in the documented tree") {
  std::vector<float> x(3 * 4096 + 5);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 1.0F / static_cast<float>(i + 1);
  std::vector<double> blocks;
  for (std::size_t first = 0; first < x.size(); first += 4096) {
    double lanes[8] = {};
    for (std::size_t i = first; i < std::min(x.size(), first + 4096); ++i)
      lanes[(i - first) % 8] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    blocks.push_back(((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7])));
  }
  CHECK(sum_of_squares(x) == (blocks[0] + blocks[1]) + (blocks[2] + blocks[3]));
}

TEST_CASE("clip_scale scales down only above the limit") {
  for (const auto& [limit, scale] :
       {std::pair{5.5, 1.0F}, std::pair{5.0, 1.0F}, std::pair{2.5, 0.5F}, std::pair{0.0, 1.0F}}) {
    const Clip c = clip(limit, {9, 16});
    CHECK(c.scale == scale);
    CHECK(c.finite == 1.0F);
    CHECK(c.norm == 5.0F);
  }
}

TEST_CASE("clip_scale takes a loss scale out before it clips") {
  for (const auto& [limit, scale] : {std::pair{5.5, 1.0F}, std::pair{2.5, 0.5F}, std::pair{0.0, 1.0F}}) {
    const Clip c = clip(limit, {9 * 64, 16 * 64}, scalar(8.0F));
    CHECK(c.scale == scale / 8);
    CHECK(c.finite == 1.0F);
    CHECK(c.norm == 5.0F);
    const Clip none = clip(limit, {9, 16}, scalar(1.0F));
    CHECK(none.scale == scale);
  }
  // Gradients of f32 are squared in f64: no scale overflows there.
  CHECK(clip(1, {9e76}, scalar(16777216.0F)).finite == 1.0F);
}

TEST_CASE("a power of two goes through clip_scale without rounding") {
  for (const double sum : {1.0 / 3, 0.7, 3e-9, 5e11}) {
    const Clip c = clip(0.3, {sum, 0.1}), scaled = clip(0.3, {sum * 0x1p30, 0.1 * 0x1p30}, scalar(32768.0F));
    CHECK(scaled.norm == c.norm);
    CHECK(scaled.scale * 32768.0F == c.scale);
  }
}

TEST_CASE("clip_scale stops what is not finite") {
  for (const double bad : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    for (const double limit : {0.0, 1.0}) {
      const Clip c = clip(limit, {1, bad, 4});
      CHECK(c.scale == 0.0F);
      CHECK(c.finite == 0.0F);
      CHECK_FALSE(std::isfinite(c.norm));
    }
  }
}

TEST_CASE("clip_scale refuses a negative limit and sums that are not f64") {
  CHECK_THROWS_WITH_AS(clip(-1, {1}), doctest::Contains("expected clip_norm in [0.0, "), GraphError);
  CHECK_THROWS_WITH_AS(infer_op(ops::clip_scale(), ClipScaleAttrs{}, {OptionalTensor{}, scalar(1.0), scalar(1.0F)}),
                       doctest::Contains("expected 'sums' of type f64[], got f32[]"), GraphError);
}
