// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/concat.h>

#include <doctest/doctest.h>

#include <limits>

#include <fcngraph/engine/ops/add.h>
#include <fcngraph/engine/ops/argmax.h>
#include <fcngraph/engine/ops/scale.h>

#include "expect_mistake.h"
#include "run_op.h"

namespace fcngraph {
namespace {

using test::run_op;
using test::scalar;
using test::tensor;
using test::values;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST_CASE("concat joins channels image by image, slice_channels takes them apart") {
  const HostTensor a = tensor<float>({2, 1, 1, 2}, {1, 2, 3, 4});
  const HostTensor b = tensor<float>({2, 2, 1, 2}, {5, 6, 7, 8, 9, 10, 11, 12});
  const auto y = run_op(ops::concat(), NoAttrs{}, {a, b})[0];
  CHECK((y.type.shape == Shape{2, 3, 1, 2}));
  CHECK_EQ(values<float>(y), std::vector<float>{1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12});
  CHECK_EQ(values<float>(run_op(ops::slice_channels(), SliceChannelsAttrs{0, 1}, {y})[0]), values<float>(a));
  CHECK_EQ(values<float>(run_op(ops::slice_channels(), SliceChannelsAttrs{1, 2}, {y})[0]), values<float>(b));
}

TEST_CASE("add sums its operands, also in the place of the first") {
  std::vector<float> a{1, 2};
  std::vector<float> b{10, 20};
  CHECK_EQ(values<float>(
               run_op(ops::add(), NoAttrs{}, {tensor<float>({2}, a), tensor<float>({2}, b), tensor<float>({2}, b)})[0]),
           std::vector<float>{21, 42});
  const TensorType type{DType::f32, {2}, {}};
  const TensorView first{&type, reinterpret_cast<std::byte*>(a.data())},
      second{&type, reinterpret_cast<std::byte*>(b.data())};
  const TensorView operands[] = {first, second}, results[] = {first};
  ops::add().reference_f32({NoAttrs{}, operands, results, nullptr});
  CHECK_EQ(a, std::vector<float>{11, 22});
}

TEST_CASE("scale multiplies by its attribute and its factor") {
  const HostTensor x = tensor<float>({3}, {1, -2, 4});
  CHECK_EQ(values<float>(run_op(ops::scale(), ScaleAttrs{}, {x})[0]), std::vector<float>{1, -2, 4});
  CHECK_EQ(values<float>(run_op(ops::scale(), ScaleAttrs{0.5}, {x, scalar<float>(3)})[0]),
           std::vector<float>{1.5, -3, 6});
  const HostTensor wide = tensor<double>({1}, {7});
  CHECK_EQ(values<double>(run_op(ops::scale(), ScaleAttrs{2}, {wide, scalar<float>(3)})[0]), std::vector<double>{42});
}

TEST_CASE("argmax: the lowest channel wins ties, NaN never wins") {
  // Pixels: a tie, the last channel, NaN first, NaN last, all NaN, all equal to minus infinity.
  constexpr float kLow = -std::numeric_limits<float>::infinity();
  const HostTensor x = tensor<float>({1, 3, 2, 3}, {5, 1, kNan, 2, kNan, kLow,  //
                                                    5, 2, -3, 1, kNan, kLow,    //
                                                    5, 3, -4, kNan, kNan, kLow});
  const auto y = run_op(ops::argmax(), NoAttrs{}, {x})[0];
  CHECK_EQ(to_string(y.type), "u8[1, 2, 3]");
  CHECK_EQ(values<std::uint8_t>(y), std::vector<std::uint8_t>{0, 2, 1, 0, 0, 0});
}

TEST_CASE("argmax counts to 255 channels, image by image") {
  std::vector<float> numbers(2 * 255, 0.0F);
  numbers[254] = 1;
  numbers[255 + 128] = 1;
  const auto y = run_op(ops::argmax(), NoAttrs{}, {tensor<float>({2, 255, 1, 1}, numbers)})[0];
  CHECK_EQ(values<std::uint8_t>(y), std::vector<std::uint8_t>{254, 128});
  expect_mistake(ops::argmax(), NoAttrs{}, {HostTensor::zeros({DType::f32, {1, 256, 1, 1}, {}})},
                 "expected at most 255 channels, got 256");
}

TEST_CASE("add, concat, slice_channels and scale refuse what does not fit") {
  const auto zeros = [](Shape shape, DType dtype = DType::f32) {
    return HostTensor::zeros({dtype, std::move(shape), {}});
  };
  expect_mistake(ops::add(), NoAttrs{}, {zeros({1, 2, 3, 4}), zeros({1, 2, 4, 3})},
                 "expected operand 1 to be f32[1, 2, 3, 4], got f32[1, 2, 4, 3]");
  expect_mistake(ops::add(), NoAttrs{}, {zeros({2}), zeros({2}, DType::f64)},
                 "expected operand 1 to be f32[2], got f64[2]");
  expect_mistake(ops::add(), NoAttrs{}, {zeros({2}, DType::i32)}, "expected operands of a floating type, got i32[2]");
  expect_mistake(ops::concat(), NoAttrs{}, {zeros({1, 2, 3, 4}), zeros({1, 5, 3, 5})},
                 "expected operand 1 to be f32[1, 5, 3, 4], got f32[1, 5, 3, 5]");
  expect_mistake(ops::concat(), NoAttrs{}, {zeros({1, 2, 3, 4}), zeros({2})},
                 "expected operand 1 of rank 4, got f32[2]");
  expect_mistake(ops::slice_channels(), SliceChannelsAttrs{2, 2}, {zeros({1, 3, 1, 1})},
                 "channels 2 to 4 do not lie in an input of 3 channels");
  expect_mistake(ops::scale(), ScaleAttrs{}, {zeros({2}), zeros({1})}, "expected a factor f32[], got f32[1]");
}

}  // namespace
}  // namespace fcngraph
