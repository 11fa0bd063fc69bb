// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/optimizer.h>

#include <limits>

#include <doctest/doctest.h>

#include <fcngraph/engine/ops/relu.h>

#include "run_op.h"

using namespace fcngraph;
using namespace fcngraph::test;
using doctest::Approx;

namespace {

struct Adam {
  double param = 1, m = 0, v = 0;
};

Adam adam_step(const OpDef& op, const Attrs& attrs, Adam at, double grad, double lr, std::int64_t step,
               double scale = 1) {
  const auto one = [](double v) { return tensor<double>({1}, {v}); };
  const auto out =
      run_op(op, attrs, {one(at.param), one(grad), one(at.m), one(at.v), scalar(lr), scalar(step), scalar(scale)});
  return {values<double>(out[0])[0], values<double>(out[1])[0], values<double>(out[2])[0]};
}

// What nothing may touch: not a number with a payload, a negative zero, a denormal.
std::vector<float> odd_floats() { return {-std::numeric_limits<float>::quiet_NaN(), -0.0F, 1e-42F, 3.25F}; }

std::vector<std::byte> bits(const HostTensor& t) { return t.data; }

}  // namespace

TEST_CASE("adam and adamw agree with three steps worked out apart") {
  const double grads[] = {0.5, -0.25, 2.0};
  // p, m, v after each step of lr 0.01 from p = 1, computed in double from the paper's averages.
  const double expected[2][3][3] = {{{0.99000006324515322, 0.049999999999999989, 0.00025000000000000022},
                                     {0.9873367079207922, 0.019999999999999997, 0.0003122500000000003},
                                     {0.98063024166010937, 0.21799999999999994, 0.004311937750000004}},
                                    {{0.98900006324515322, 0.049999999999999989, 0.00025000000000000022},
                                     {0.98534770785754699, 0.019999999999999997, 0.0003122500000000003},
                                     {0.97765589388900664, 0.21799999999999994, 0.004311937750000004}}};
  for (const bool decay : {false, true}) {
    Adam at;
    for (std::int64_t t = 1; t <= 3; ++t) {
      const double grad = grads[t - 1];
      at = decay ? adam_step(ops::adamw(), AdamWAttrs{.weight_decay = 0.1}, at, grad, 0.01, t)
                 : adam_step(ops::adam(), AdamAttrs{}, at, grad, 0.01, t);
      const double* want = expected[decay ? 1 : 0][t - 1];
      CHECK(at.param == Approx(want[0]).epsilon(1e-14));
      CHECK(at.m == Approx(want[1]).epsilon(1e-13));
      CHECK(at.v == Approx(want[2]).epsilon(1e-13));
    }
  }
}

TEST_CASE("adamw decays by lr times weight_decay where there is no gradient") {
  const Adam at = adam_step(ops::adamw(), AdamWAttrs{.weight_decay = 0.5}, {.param = 4}, 0, 0.25, 1);
  CHECK(at.param == 3.5);
  CHECK(adam_step(ops::adam(), AdamAttrs{}, {.param = 4}, 0, 0.25, 1).param == 4.0);
}

TEST_CASE("adam multiplies the gradient by the scale first") {
  const Adam scaled = adam_step(ops::adam(), AdamAttrs{}, {}, 8, 0.01, 1, 0.125),
             plain = adam_step(ops::adam(), AdamAttrs{}, {}, 1, 0.01, 1);
  CHECK(scaled.param == plain.param);
  CHECK(scaled.m == plain.m);
  CHECK(scaled.v == plain.v);
}

TEST_CASE("sgd follows Keras with and without momentum and nesterov") {
  const auto run = [](SgdAttrs attrs, float param, float grad, float velocity) {
    const auto one = [](float v) { return tensor<float>({1}, {v}); };
    const auto out = run_op(
        ops::sgd(), attrs,
        {one(param), one(grad), attrs.momentum != 0 ? OptionalTensor{one(velocity)} : std::nullopt, scalar(0.25F)});
    return std::pair{values<float>(out[0])[0], out.size() > 1 ? values<float>(out[1])[0] : 0.0F};
  };
  CHECK(run({}, 1, 2, 0) == std::pair{0.5F, 0.0F});
  CHECK(run({.momentum = 0.5}, 1, 1, 0) == std::pair{0.75F, -0.25F});
  CHECK(run({.momentum = 0.5}, 0.75F, -2, -0.25F) == std::pair{1.125F, 0.375F});
  CHECK(run({.momentum = 0.5, .nesterov = true}, 1, 1, 0) == std::pair{0.625F, -0.25F});
  CHECK(run({.momentum = 0.5, .nesterov = true}, 0.625F, -2, -0.25F) == std::pair{1.3125F, 0.375F});
}

TEST_CASE("sgd scales the gradient") {
  const auto one = tensor<float>({1}, {1});
  const auto out = run_op(ops::sgd(), SgdAttrs{},
                          {one, tensor<float>({1}, {8}), std::nullopt, scalar(0.25F), scalar(0.5F), scalar(1.0F)});
  CHECK(values<float>(out[0])[0] == 0.0F);
}

TEST_CASE("a step that is not finite leaves every bit as it was") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto param = tensor<float>({4}, odd_floats()), grad = tensor<float>({4}, {nan, nan, 1, nan});
  const auto state = tensor<float>({4}, {-0.0F, 1e-40F, 7, 2}), square = tensor<float>({4}, {0.5F, 1e-41F, 0, 3});
  const auto off = scalar(0.0F), lr = scalar(0.1F);
  const auto sgd = run_op(ops::sgd(), SgdAttrs{.momentum = 0.9}, {param, grad, state, lr, off, off});
  CHECK(bits(sgd[0]) == bits(param));
  CHECK(bits(sgd[1]) == bits(state));
  for (const bool decay : {false, true}) {
    const auto out = run_op(decay ? ops::adamw() : ops::adam(), decay ? Attrs(AdamWAttrs{}) : Attrs(AdamAttrs{}),
                            {param, grad, state, square, lr, scalar<std::int64_t>(3), off, off});
    CHECK(bits(out[0]) == bits(param));
    CHECK(bits(out[1]) == bits(state));
    CHECK(bits(out[2]) == bits(square));
  }
}

TEST_CASE("updates refuse states that do not fit") {
  const auto two = tensor<float>({2}, {1, 2}), three = tensor<float>({3}, {1, 2, 3});
  const auto lr = scalar(0.1F);
  CHECK_THROWS_WITH_AS(infer_op(ops::sgd(), SgdAttrs{}, {two, two, two, lr}),
                       doctest::Contains("expected a velocity exactly when momentum is not 0"), GraphError);
  CHECK_THROWS_WITH_AS(infer_op(ops::sgd(), SgdAttrs{.momentum = 0.9}, {two, two, std::nullopt, lr}),
                       doctest::Contains("expected a velocity exactly when momentum is not 0"), GraphError);
  CHECK_THROWS_WITH_AS(infer_op(ops::sgd(), SgdAttrs{}, {two, three, std::nullopt, lr}),
                       doctest::Contains("expected 'grad' of type f32[2], got f32[3]"), GraphError);
  CHECK_THROWS_WITH_AS(infer_op(ops::adam(), AdamAttrs{}, {two, two, two, three, lr, scalar<std::int64_t>(1)}),
                       doctest::Contains("expected 'v' of type f32[2], got f32[3]"), GraphError);
  CHECK_THROWS_WITH_AS(infer_op(ops::adam(), AdamAttrs{}, {two, two, two, two, lr, scalar(1.0F)}),
                       doctest::Contains("expected 'step' of type i64[], got f32[]"), GraphError);
  CHECK_THROWS_WITH_AS(
      infer_op(ops::adamw(), AdamWAttrs{.beta2 = 1}, {two, two, two, two, lr, scalar<std::int64_t>(1)}),
      doctest::Contains("expected beta2 in [0, 1), got 1.0"), GraphError);
}

TEST_CASE("an update says which operands and states it has") {
  CHECK(optimizer_states(ops::adamw(), AdamWAttrs{}) == std::vector<OptimizerState>{{"m", 2}, {"v", 3}});
  CHECK(optimizer_states(ops::sgd(), SgdAttrs{.momentum = 0.9}) == std::vector<OptimizerState>{{"velocity", 2}});
  CHECK(optimizer_states(ops::sgd(), SgdAttrs{}).empty());
  const OptimizerOperands adam = optimizer_operands(ops::adam()), sgd = optimizer_operands(ops::sgd());
  CHECK(adam.lr == 4);
  CHECK(adam.step == 5);
  CHECK(adam.scale == 6);
  CHECK(adam.finite == 7);
  CHECK(sgd.lr == 3);
  CHECK_FALSE(sgd.step.has_value());
  CHECK(sgd.scale == 4);
  CHECK(sgd.finite == 5);
  CHECK_FALSE(is_optimizer(ops::relu()));
  CHECK_THROWS_WITH_AS(optimizer_operands(ops::relu()), doctest::Contains("op 'relu' is no optimizer"), GraphError);
}
