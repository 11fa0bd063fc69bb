// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include <fcngraph/engine/ops/cross_entropy.h>
#include <fcngraph/engine/ops/cross_entropy_of_probabilities.h>
#include <fcngraph/engine/ops/mean_loss.h>
#include <fcngraph/engine/ops/pairwise_sum.h>
#include <fcngraph/engine/ops/weighted_sum.h>

#include "run_op.h"

using namespace fcngraph;
using namespace fcngraph::test;
using doctest::Approx;

namespace {

HostTensor labels(Shape shape, std::vector<std::uint8_t> v) { return tensor<std::uint8_t>(std::move(shape), v); }

// Two images of 1 x 2 pixels and three classes.
HostTensor logits() { return tensor<double>({2, 3, 1, 2}, {1, 0, 2, -1, 0.5, 3, -2, 0, 1, 1, 0, 2}); }

double minus_log_softmax(std::initializer_list<double> pixel, std::size_t label) {
  double sum = 0;
  for (const double v : pixel) sum += std::exp(v);
  return std::log(sum) - pixel.begin()[label];
}

}  // namespace

TEST_CASE("cross_entropy of uniform logits is the logarithm of the number of classes") {
  for (const std::int64_t classes : {1, 2, 4, 21}) {
    const auto count = static_cast<std::size_t>(classes * 6);
    const auto out = run_op(ops::cross_entropy(), CrossEntropyAttrs{},
                            {tensor<float>({1, classes, 2, 3}, std::vector<float>(count, 3.25F)),
                             labels({1, 2, 3}, std::vector<std::uint8_t>(6, 0))});
    CHECK(values<float>(out[0])[0] == Approx(6 * std::log(static_cast<double>(classes))));
    CHECK(values<float>(out[1])[0] == 6.0F);
  }
}

TEST_CASE("cross_entropy sums and counts image by image") {
  const auto out = run_op(ops::cross_entropy(), CrossEntropyAttrs{}, {logits(), labels({2, 1, 2}, {0, 2, 1, 1})});
  CHECK(values<double>(out[0])[0] == Approx(minus_log_softmax({1, 2, 0.5}, 0) + minus_log_softmax({0, -1, 3}, 2)));
  CHECK(values<double>(out[0])[1] == Approx(minus_log_softmax({-2, 1, 0}, 1) + minus_log_softmax({0, 1, 2}, 1)));
  CHECK(values<double>(out[1]) == std::vector<double>{2, 2});
}

TEST_CASE("cross_entropy leaves ignored pixels out") {
  const auto out = run_op(ops::cross_entropy(), CrossEntropyAttrs{}, {logits(), labels({2, 1, 2}, {0, 255, 255, 255})});
  CHECK(values<double>(out[0])[0] == Approx(minus_log_softmax({1, 2, 0.5}, 0)));
  CHECK(values<double>(out[0])[1] == 0.0);
  CHECK(values<double>(out[1]) == std::vector<double>{1, 0});
  const auto other =
      run_op(ops::cross_entropy(), CrossEntropyAttrs{.ignore = 1}, {logits(), labels({2, 1, 2}, {0, 1, 1, 1})});
  CHECK(values<double>(other[0]) == values<double>(out[0]));
}

TEST_CASE("cross_entropy does not read beyond the classes for a label out of range") {
  const auto out = run_op(ops::cross_entropy(), CrossEntropyAttrs{}, {logits(), labels({2, 1, 2}, {3, 200, 254, 255})});
  CHECK(values<double>(out[1]) == std::vector<double>{0, 0});
}

TEST_CASE("cross_entropy weighs pixels by the class of their label") {
  const auto weights = tensor<double>({3}, {0.5, 0, 4});
  const auto out =
      run_op(ops::cross_entropy(), CrossEntropyAttrs{}, {logits(), labels({2, 1, 2}, {0, 2, 1, 1}), weights});
  CHECK(values<double>(out[0])[0] ==
        Approx(0.5 * minus_log_softmax({1, 2, 0.5}, 0) + 4 * minus_log_softmax({0, -1, 3}, 2)));
  CHECK(values<double>(out[0])[1] == 0.0);
  CHECK(values<double>(out[1]) == std::vector<double>{2, 2});
}

TEST_CASE("cross_entropy of huge logits stays finite, of NaN does not") {
  const auto label = labels({1, 1, 1}, {1});
  CHECK(values<float>(run_op(ops::cross_entropy(), CrossEntropyAttrs{},
                             {tensor<float>({1, 2, 1, 1}, {1e4F, 0}), label})[0])[0] == 1e4F);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(values<float>(
      run_op(ops::cross_entropy(), CrossEntropyAttrs{}, {tensor<float>({1, 2, 1, 1}, {nan, 0}), label})[0])[0]));
}

TEST_CASE("cross_entropy_grad is weight times softmax minus one-hot") {
  const auto weights = tensor<double>({3}, {0.5, 1, 4});
  const auto grad =
      values<double>(run_op(ops::cross_entropy_grad(), CrossEntropyAttrs{},
                            {logits(), labels({2, 1, 2}, {0, 2, 255, 1}), weights, tensor<double>({2}, {2, -3})})[0]);
  const auto p = [](std::initializer_list<double> pixel, std::size_t c) {
    return std::exp(-minus_log_softmax(pixel, c));
  };
  CHECK(grad[0] == Approx(2 * 0.5 * (p({1, 2, 0.5}, 0) - 1)));
  CHECK(grad[2] == Approx(2 * 0.5 * p({1, 2, 0.5}, 1)));
  CHECK(grad[5] == Approx(2 * 4 * (p({0, -1, 3}, 2) - 1)));
  for (const std::size_t i : {6, 8, 10}) CHECK(grad[i] == 0.0);
  CHECK(grad[9] == Approx(-3 * (p({0, 1, 2}, 1) - 1)));
  CHECK(grad[11] == Approx(-3 * p({0, 1, 2}, 2)));
}

TEST_CASE("cross_entropy_grad is 0 at ignored pixels even where the logits are not finite") {
  const float inf = std::numeric_limits<float>::infinity();
  const auto grad = run_op(
      ops::cross_entropy_grad(), CrossEntropyAttrs{},
      {tensor<float>({1, 2, 1, 1}, {inf, inf}), labels({1, 1, 1}, {255}), std::nullopt, tensor<float>({1}, {1})});
  CHECK(values<float>(grad[0]) == std::vector<float>{0, 0});
}

TEST_CASE("cross_entropy names what does not fit") {
  CHECK_THROWS_WITH_AS(infer_op(ops::cross_entropy(), CrossEntropyAttrs{}, {logits(), labels({2, 2, 1}, {0, 0, 0, 0})}),
                       doctest::Contains("expected 'labels' of type u8[2, 1, 2], got u8[2, 2, 1]"), GraphError);
  CHECK_THROWS_WITH_AS(infer_op(ops::cross_entropy(), CrossEntropyAttrs{},
                                {logits(), labels({2, 1, 2}, {0, 0, 0, 0}), tensor<double>({2}, {1, 1})}),
                       doctest::Contains("expected 'class_weights' of type f64[3]"), GraphError);
  CHECK_THROWS_WITH_AS(
      infer_op(ops::cross_entropy(), CrossEntropyAttrs{.ignore = 256}, {logits(), labels({2, 1, 2}, {0, 0, 0, 0})}),
      doctest::Contains("expected ignore in [0, 255], got 256"), GraphError);
}

TEST_CASE("mean_loss divides by the counted pixels of the whole batch") {
  const auto sums = tensor<float>({3}, {6, 0, 3}), counts = tensor<float>({3}, {4, 0, 2});
  CHECK(values<float>(run_op(ops::mean_loss(), NoAttrs{}, {sums, counts})[0])[0] == 1.5F);
  CHECK(values<float>(run_op(ops::mean_loss(), NoAttrs{}, {sums, counts, scalar(18.0F)})[0])[0] == 0.5F);
  CHECK(values<float>(run_op(ops::mean_loss_grad(), NoAttrs{}, {scalar(3.0F), counts})[0]) ==
        std::vector<float>{0.5F, 0.5F, 0.5F});
  CHECK(values<float>(run_op(ops::mean_loss_grad(), NoAttrs{}, {scalar(3.0F), counts, scalar(12.0F)})[0]) ==
        std::vector<float>{0.25F, 0.25F, 0.25F});
}

TEST_CASE("mean_loss of nothing is 0") {
  const auto none = tensor<float>({2}, {0, 0});
  CHECK(values<float>(run_op(ops::mean_loss(), NoAttrs{}, {none, none})[0])[0] == 0.0F);
  CHECK(values<float>(run_op(ops::mean_loss(), NoAttrs{}, {none, none, scalar(0.0F)})[0])[0] == 0.0F);
  CHECK(values<float>(run_op(ops::mean_loss_grad(), NoAttrs{}, {scalar(1.0F), none})[0]) == std::vector<float>{0, 0});
}

TEST_CASE("pairwise_sum adds neighbours level by level") {
  std::vector<double> five{1e16, 1, -1e16, 1, 1};
  // ((1e16 + 1) + (-1e16 + 1)) + 1: each 1 is lost beside 1e16 or kept, as the tree says.
  CHECK(pairwise_sum(five) == ((1e16 + 1) + (-1e16 + 1)) + 1);
  std::vector<double> in_order{1e16, 1, 1, 1, -1e16};
  CHECK(pairwise_sum(in_order) == ((1e16 + 1) + (1.0 + 1.0)) + -1e16);
  CHECK(pairwise_sum({}) == 0.0);
}

TEST_CASE("weighted_sum joins losses, and its gradient is itself") {
  const std::vector<OptionalTensor> losses{scalar(2.0F), scalar(3.0F), scalar(-1.0F)};
  CHECK(values<float>(run_op(ops::weighted_sum(), WeightedSumAttrs{{1, 0.5, 4}}, losses)[0])[0] == -0.5F);
  CHECK(values<float>(run_op(ops::weighted_sum(), WeightedSumAttrs{}, losses)[0])[0] == 4.0F);
  CHECK_THROWS_WITH_AS(infer_op(ops::weighted_sum(), WeightedSumAttrs{{1, 2}}, losses),
                       doctest::Contains("expected 3 weights, one for each value, got 2"), GraphError);
}

// Values and gradients are those of keras.losses.SparseCategoricalCrossentropy() in Keras 3 on TensorFlow, which computes in float32.
TEST_CASE("cross_entropy_of_probabilities is what Keras computes, clip and all") {
  // Four pixels; columns are classes 0, 1 and 2.
  const auto probabilities =
      tensor<double>({1, 3, 1, 4}, {0.7, 1e-9, 0.3, 1.0, 0.2, 0.4, 0.3, 0.0, 0.1, 0.6, 0.4, 0.0});
  const std::vector<std::uint8_t> truth{0, 0, 2, 0};
  const double losses[] = {0.3566749691963196, 16.11809539794922, 0.9162907600402832, 2.3841855067985307e-07};
  for (std::size_t pixel = 0; pixel < 4; ++pixel) {
    std::vector<std::uint8_t> one(4, 255);
    one[pixel] = truth[pixel];
    const auto out = run_op(ops::cross_entropy_of_probabilities(), CrossEntropyOfProbabilitiesAttrs{},
                            {probabilities, labels({1, 1, 4}, one)});
    CHECK(values<double>(out[0])[0] == Approx(losses[pixel]).epsilon(1e-6));
    CHECK(values<double>(out[1])[0] == 1);
  }
  const auto grad = run_op(ops::cross_entropy_of_probabilities_grad(), CrossEntropyOfProbabilitiesAttrs{},
                           {probabilities, labels({1, 1, 4}, truth), std::nullopt, tensor<double>({1}, {1})});
  const double expected[] = {-0.4285714626312256,
                             0,
                             0.9999999403953552,
                             0,
                             0.9999999403953552,
                             0.9999998807907104,
                             0.9999999403953552,
                             0,
                             0.9999999403953552,
                             0.9999999403953552,
                             -1.5,
                             0};
  for (std::size_t i = 0; i < 12; ++i) CHECK(values<double>(grad[0])[i] == Approx(expected[i]).epsilon(1e-6));
}

TEST_CASE("cross_entropy_of_probabilities refuses a clip that is none") {
  for (const double clip : {0.0, -1.0, 0.75, std::numeric_limits<double>::quiet_NaN()}) {
    CAPTURE(clip);
    CHECK_THROWS_WITH_AS(infer_op(ops::cross_entropy_of_probabilities(), CrossEntropyOfProbabilitiesAttrs{.clip = clip},
                                  {tensor<float>({1, 2, 1, 1}, {0, 0}), labels({1, 1, 1}, {0})}),
                         doctest::Contains("expected clip above 0 and at most 0.5"), GraphError);
  }
}
