// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/pool2d.h>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "expect_mistake.h"
#include "run_op.h"

namespace fcngraph {
namespace {

using test::run_op;
using test::tensor;
using test::values;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

/// 0, 1, 2, ... in that shape.
HostTensor counting(Shape shape) {
  std::vector<float> numbers(static_cast<std::size_t>(shape.elements()));
  std::iota(numbers.begin(), numbers.end(), 0.0F);
  return tensor<float>(std::move(shape), numbers);
}

TEST_CASE("max_pool2d takes the largest of each window and remembers where it was") {
  const HostTensor x = tensor<float>({1, 2, 2, 4}, {1, 2, 3, 4, 5, 0, 9, 8, -1, -2, -3, -4, -5, -6, -7, -3});
  const auto out = run_op(ops::max_pool2d(), MaxPool2dAttrs{}, {x});
  CHECK((out[0].type.shape == Shape{1, 2, 1, 2}));
  CHECK_EQ(values<float>(out[0]), std::vector<float>{5, 9, -1, -3});
  CHECK_EQ(values<std::int32_t>(out[1]), std::vector<std::int32_t>{4, 6, 0, 2});
}

TEST_CASE("max_pool2d: the first maximum wins, NaN wins over all, the border takes no part") {
  const HostTensor x = tensor<float>({1, 1, 2, 6}, {7, 7, kInf, kNan, -kInf, -kInf, 7, 7, kNan, 1, -kInf, -kInf});
  const auto out = run_op(ops::max_pool2d(), MaxPool2dAttrs{}, {x});
  CHECK_EQ(values<float>(out[0])[0], 7.0F);
  CHECK(std::isnan(values<float>(out[0])[1]));
  CHECK_EQ(values<float>(out[0])[2], -kInf);
  CHECK_EQ(values<std::int32_t>(out[1]), std::vector<std::int32_t>{0, 3, 4});

  const auto bordered =
      run_op(ops::max_pool2d(), MaxPool2dAttrs{.kernel = {3, 3}, .stride = {1, 1}, .padding = Padding::same},
             {tensor<float>({1, 1, 2, 2}, {-4, -3, -2, -1})});
  CHECK_EQ(values<float>(bordered[0]), std::vector<float>{-1, -1, -1, -1});
}

TEST_CASE("max_pool2d with ceil keeps the last, smaller windows") {
  const auto floor = run_op(ops::max_pool2d(), MaxPool2dAttrs{}, {counting({1, 1, 3, 3})});
  CHECK_EQ(values<float>(floor[0]), std::vector<float>{4});
  const auto ceil = run_op(ops::max_pool2d(), MaxPool2dAttrs{.ceil = true}, {counting({1, 1, 3, 3})});
  CHECK_EQ(values<float>(ceil[0]), std::vector<float>{4, 5, 7, 8});
}

TEST_CASE("max_pool2d_grad adds where windows overlap") {
  const MaxPool2dAttrs attrs{.kernel = {2, 2}, .stride = {1, 1}};
  const HostTensor x = tensor<float>({1, 1, 3, 3}, {0, 1, 2, 3, 9, 4, 5, 6, 7});
  const auto out = run_op(ops::max_pool2d(), attrs, {x});
  CHECK_EQ(values<std::int32_t>(out[1]), std::vector<std::int32_t>{4, 4, 4, 4});
  const MaxPool2dGradAttrs grad{attrs.kernel, attrs.stride, attrs.padding, attrs.pads, attrs.ceil, {3, 3}};
  const auto back = run_op(ops::max_pool2d_grad(), grad, {tensor<float>({1, 1, 2, 2}, {1, 2, 4, 8}), out[1]});
  CHECK_EQ(values<float>(back[0]), std::vector<float>{0, 0, 0, 0, 15, 0, 0, 0, 0});
}

TEST_CASE("avg_pool2d divides by the input's pixels, or the border's too") {
  AvgPool2dAttrs attrs{.kernel = {2, 2}, .stride = {2, 2}, .padding = Padding::explicit_pads, .pads = {1, 1, 0, 0}};
  const HostTensor x = tensor<float>({1, 1, 3, 3}, {4, 8, 12, 16, 20, 24, 28, 32, 36});
  CHECK_EQ(values<float>(run_op(ops::avg_pool2d(), attrs, {x})[0]), std::vector<float>{4, 10, 22, 28});
  attrs.include_pad = true;
  CHECK_EQ(values<float>(run_op(ops::avg_pool2d(), attrs, {x})[0]), std::vector<float>{1, 5, 11, 28});
}

TEST_CASE("avg_pool2d with ceil never counts what lies beyond the border") {
  for (const bool include_pad : {false, true}) {
    const AvgPool2dAttrs attrs{.ceil = true, .include_pad = include_pad};
    CHECK_EQ(values<float>(run_op(ops::avg_pool2d(), attrs, {counting({1, 1, 3, 3})})[0]),
             std::vector<float>{2, 3.5, 6.5, 8});
  }
}

TEST_CASE("avg_pool2d_grad gives each pixel its share") {
  const AvgPool2dGradAttrs attrs{.kernel = {1, 2}, .stride = {1, 1}, .input = {1, 3}};
  const auto back = run_op(ops::avg_pool2d_grad(), attrs, {tensor<float>({1, 1, 1, 2}, {2, 6})});
  CHECK_EQ(values<float>(back[0]), std::vector<float>{1, 4, 3});
}

TEST_CASE("a stride of 0 is the kernel") {
  const MaxPool2dAttrs attrs{.kernel = {3, 2}};
  CHECK((attrs.window().stride == Extent2{3, 2}));
  CHECK_EQ(to_string(run_op(ops::max_pool2d(), attrs, {counting({2, 3, 6, 6})})[0].type), "f32[2, 3, 2, 3]");
}

TEST_CASE("coordinates of pooling: the centres of the windows") {
  const TensorType x{DType::f32, {1, 1, 8, 8}, {}};
  const TensorType* operands[] = {&x};
  const CoordMap map = ops::max_pool2d().coord_map(MaxPool2dAttrs{.kernel = {2, 3}, .stride = {2, 3}}, operands);
  CHECK_EQ(map.scale_h, 2);
  CHECK_EQ(map.scale_w, 3);
  CHECK_EQ(map.offset_h, 0.5);
  CHECK_EQ(map.offset_w, 1);
}

TEST_CASE("pooling refuses what does not fit") {
  const HostTensor x = counting({1, 1, 3, 3});
  expect_mistake(ops::max_pool2d(), MaxPool2dAttrs{.kernel = {4, 2}}, {x},
                 "a window of 4 x 2 does not fit into an input of 3 x 3 pixels");
  expect_mistake(ops::max_pool2d(), MaxPool2dAttrs{.stride = {-1, 1}}, {x},
                 "kernel, stride and dilation are expected to be from 1 to 2^31");
  expect_mistake(ops::avg_pool2d(), AvgPool2dAttrs{.padding = Padding::explicit_pads, .pads = {0, 2, 0, 0}}, {x},
                 "pads are expected to be smaller than the kernel of 2 x 2");
  expect_mistake(ops::avg_pool2d(), AvgPool2dAttrs{}, {counting({3, 3})},
                 "expected operand 0 of rank 4, got f32[3, 3]");
  expect_mistake(ops::avg_pool2d(), AvgPool2dAttrs{}, {HostTensor::zeros({DType::u8, {1, 1, 4, 4}, {}})},
                 "expected operand 0 of a floating type and extents of at least 1, got u8[1, 1, 4, 4]");
  expect_mistake(ops::avg_pool2d(), AvgPool2dAttrs{}, {HostTensor::zeros({DType::f32, {0, 1, 4, 4}, {}})},
                 "expected operand 0 of a floating type and extents of at least 1, got f32[0, 1, 4, 4]");
}

}  // namespace
}  // namespace fcngraph
