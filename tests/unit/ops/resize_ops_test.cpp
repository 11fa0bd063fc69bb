// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/upsample.h>

#include <doctest/doctest.h>

#include <limits>

#include <fcngraph/engine/ops/crop.h>

#include "expect_mistake.h"
#include "run_op.h"

namespace fcngraph {
namespace {

using test::run_op;
using test::tensor;
using test::values;

std::vector<float> upsampled(const HostTensor& x, Extent2 factor, Interpolation kind = Interpolation::bilinear) {
  return values<float>(run_op(ops::upsample(), UpsampleAttrs{factor, kind}, {x})[0]);
}

TEST_CASE("bilinear upsampling has half-pixel centres and clamped edges") {
  const std::vector<float> doubled{1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4};
  CHECK_EQ(upsampled(tensor<float>({1, 1, 1, 4}, {1, 2, 3, 4}), {1, 2}), doubled);
  CHECK_EQ(upsampled(tensor<float>({1, 1, 4, 1}, {1, 2, 3, 4}), {2, 1}), doubled);
  CHECK_EQ(upsampled(tensor<float>({1, 1, 1, 2}, {0, 8}), {1, 4}), std::vector<float>{0, 0, 1, 3, 5, 7, 8, 8});
  // An odd factor meets the pixels themselves.
  CHECK_EQ(upsampled(tensor<float>({1, 1, 1, 3}, {0, 3, 9}), {1, 3}), std::vector<float>{0, 0, 1, 2, 3, 5, 7, 9, 9});
  CHECK_EQ(upsampled(tensor<float>({1, 1, 2, 2}, {0, 4, 8, 12}), {2, 2}),
           std::vector<float>{0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12});
}

TEST_CASE("nearest upsampling repeats pixels") {
  CHECK_EQ(upsampled(tensor<float>({1, 2, 1, 2}, {1, 2, 3, 4}), {2, 3}, Interpolation::nearest),
           std::vector<float>{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4});
}

TEST_CASE("an upsampled pixel that lies on an input pixel does not read its neighbours") {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const auto y = upsampled(tensor<float>({1, 1, 1, 2}, {1, kInf}), {1, 3});
  CHECK_EQ(y[1], 1.0F);
  CHECK_EQ(y[4], kInf);
}

TEST_CASE("the gradient of upsampling hands out the weights, which sum to the factor") {
  const auto grad = [](Extent2 factor, Interpolation kind, Shape shape, const std::vector<float>& grad_y) {
    return values<float>(
        run_op(ops::upsample_grad(), UpsampleAttrs{factor, kind}, {tensor<float>(std::move(shape), grad_y)})[0]);
  };
  CHECK_EQ(grad({1, 2}, Interpolation::bilinear, {1, 1, 1, 6}, {1, 1, 1, 1, 1, 1}), std::vector<float>{2, 2, 2});
  CHECK_EQ(grad({1, 2}, Interpolation::bilinear, {1, 1, 1, 6}, {0, 0, 4, 0, 0, 0}), std::vector<float>{1, 3, 0});
  CHECK_EQ(grad({1, 2}, Interpolation::bilinear, {1, 1, 1, 6}, {4, 0, 0, 0, 0, 8}), std::vector<float>{4, 0, 8});
  CHECK_EQ(grad({2, 2}, Interpolation::nearest, {1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}), std::vector<float>{14, 22});
}

TEST_CASE("coordinates of upsampling, crop and pad") {
  const TensorType x{DType::f32, {1, 1, 8, 8}, {}};
  const TensorType* operands[] = {&x};
  const CoordMap up = ops::upsample().coord_map(UpsampleAttrs{{2, 8}}, operands);
  CHECK_EQ(up.scale_h, 0.5);
  CHECK_EQ(up.offset_h, -0.25);
  CHECK_EQ(up.scale_w, 0.125);
  CHECK_EQ(up.offset_w, -0.4375);
  const CoordMap cut = ops::crop().coord_map(CropAttrs{{1, 2, 3, 4}}, operands);
  CHECK_EQ(cut.offset_h, 1);
  CHECK_EQ(cut.offset_w, 2);
  const CoordMap added = ops::pad().coord_map(PadAttrs{{1, 2, 3, 4}, 0}, operands);
  CHECK_EQ(added.offset_h, -1);
  CHECK_EQ(added.offset_w, -2);
  CHECK_EQ(added.scale_h, 1);
}

TEST_CASE("crop cuts each side and pad puts it back") {
  const HostTensor x = tensor<float>({1, 2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const auto cut = run_op(ops::crop(), CropAttrs{{1, 0, 0, 1}}, {x})[0];
  CHECK((cut.type.shape == Shape{1, 2, 1, 2}));
  CHECK_EQ(values<float>(cut), std::vector<float>{4, 5, 10, 11});
  const auto padded = run_op(ops::pad(), PadAttrs{{1, 0, 0, 1}, -1}, {cut})[0];
  CHECK_EQ(values<float>(padded), std::vector<float>{-1, -1, -1, 4, 5, -1, -1, -1, -1, 10, 11, -1});
}

TEST_CASE("upsample, crop and pad refuse what does not fit") {
  const HostTensor x = HostTensor::zeros({DType::f32, {1, 2, 3, 4}, {}});
  expect_mistake(ops::upsample(), UpsampleAttrs{{0, 2}}, {x}, "expected a factor of at least 1, got 0 x 2");
  expect_mistake(ops::upsample_grad(), UpsampleAttrs{{2, 2}}, {x},
                 "expected a gradient whose extents are multiples of 2 x 2, got f32[1, 2, 3, 4]");
  expect_mistake(ops::crop(), CropAttrs{{2, 0, 1, 0}}, {x},
                 "cutting 3 x 0 pixels off an input of 3 x 4 leaves nothing");
  expect_mistake(ops::crop(), CropAttrs{{-1, 0, 0, 0}}, {x}, "pads are expected to be at least 0");
  expect_mistake(ops::pad(), PadAttrs{{0, 0, 0, -2}}, {x}, "pads are expected to be at least 0");
  CHECK_THROWS_AS(test::infer_op(ops::upsample(), UpsampleAttrs{{std::int64_t{1} << 62, 1}}, {x}), GraphError);
  CHECK_THROWS_AS(test::infer_op(ops::pad(), PadAttrs{{std::numeric_limits<std::int64_t>::max(), 0, 0, 0}}, {x}),
                  GraphError);
}

}  // namespace
}  // namespace fcngraph
