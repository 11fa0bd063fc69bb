// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include <doctest/doctest.h>

#include <fcngraph/engine/ops/conv2d.h>

#include "expect_mistake.h"
#include "random_tensor.h"
#include "run_op.h"

namespace fcngraph {
namespace {

using test::run_op;
using test::tensor;
using test::values;

HostTensor ones(Shape shape) {
  const auto count = static_cast<std::size_t>(shape.elements());
  return tensor<float>(std::move(shape), std::vector<float>(count, 1.0F));
}

TEST_CASE("sizes of a transposed convolution are those of Keras") {
  const auto size = [](std::int64_t kernel, std::int64_t stride, Padding padding, Pads pads = {}) {
    return transposed_output({{kernel, kernel}, {stride, stride}, {1, 1}, padding, pads}, 7, 5);
  };
  CHECK((size(4, 2, Padding::same) == Extent2{14, 10}));
  CHECK((size(4, 2, Padding::valid) == Extent2{16, 12}));
  CHECK((size(64, 32, Padding::valid) == Extent2{256, 192}));
  CHECK((size(1, 3, Padding::same) == Extent2{21, 15}));
  CHECK((size(1, 3, Padding::valid) == Extent2{19, 13}));
  CHECK((size(4, 2, Padding::explicit_pads, {1, 2, 3, 0}) == Extent2{12, 10}));
  CHECK((transposed_output({{3, 2}, {1, 2}, {2, 3}, Padding::valid, {}}, 4, 3) == Extent2{8, 8}));
}

TEST_CASE("a transposed convolution stamps the kernel at each pixel") {
  const HostTensor x = tensor<float>({1, 1, 1, 3}, {1, 10, 100});
  const HostTensor weight = tensor<float>({1, 1, 1, 3}, {1, 2, 3});
  const auto row = [&](std::int64_t stride, Padding padding) {
    const Conv2dTransposeAttrs attrs{.filters = 1, .kernel = {1, 3}, .stride = {1, stride}, .padding = padding};
    return values<float>(run_op(ops::conv2d_transpose(), attrs, {x, weight})[0]);
  };
  CHECK_EQ(row(1, Padding::valid), std::vector<float>{1, 12, 123, 230, 300});
  CHECK_EQ(row(1, Padding::same), std::vector<float>{12, 123, 230});
  CHECK_EQ(row(2, Padding::valid), std::vector<float>{1, 2, 13, 20, 130, 200, 300});
  // One pixel is cut, at the end.
  CHECK_EQ(row(2, Padding::same), std::vector<float>{1, 2, 13, 20, 130, 200});
  // A kernel under the stride: the pixel after the last stamp is reached by nothing.
  CHECK_EQ(row(4, Padding::same), std::vector<float>{1, 2, 3, 0, 10, 20, 30, 0, 100, 200, 300, 0});
}

TEST_CASE("the weight of a transposed convolution is filters by channels, and its bias is added once") {
  const HostTensor x = tensor<float>({1, 2, 1, 1}, {1, 10});
  const HostTensor weight = tensor<float>({3, 2, 1, 1}, {1, 2, 3, 4, 5, 6});
  const auto y =
      run_op(ops::conv2d_transpose(), Conv2dTransposeAttrs{.filters = 3}, {x, weight, tensor<float>({3}, {0.5, 0, 0})});
  CHECK_EQ(values<float>(y[0]), std::vector<float>{21.5, 43, 65});

  const HostTensor grouped = tensor<float>({4, 1, 1, 1}, {1, 2, 3, 4});
  const auto groups = run_op(ops::conv2d_transpose(), Conv2dTransposeAttrs{.filters = 4, .groups = 2}, {x, grouped});
  CHECK_EQ(values<float>(groups[0]), std::vector<float>{1, 2, 30, 40});
}

// What TensorFlow defines it by, for each padding, and strides above and below the kernel.
TEST_CASE("a transposed convolution is the gradient of the convolution from its output to its input") {
  struct Row {
    std::int64_t kernel, stride, dilation;
    Padding padding;
    Pads pads;
  };
  const Row rows[] = {{4, 2, 1, Padding::same, {}},
                      {3, 2, 1, Padding::same, {}},
                      {5, 3, 1, Padding::same, {}},
                      {2, 3, 1, Padding::same, {}},
                      {3, 2, 2, Padding::same, {}},
                      {3, 2, 1, Padding::valid, {}},
                      {4, 2, 1, Padding::explicit_pads, {2, 1, 0, 3}}};
  for (const Row& r : rows) {
    CAPTURE(r.kernel);
    CAPTURE(r.stride);
    const Conv2dTransposeAttrs up{.filters = 2,
                                  .kernel = {r.kernel, r.kernel},
                                  .stride = {r.stride, r.stride},
                                  .dilation = {r.dilation, r.dilation},
                                  .padding = r.padding,
                                  .pads = r.pads};
    const HostTensor x = random_tensor({DType::f64, {2, 3, 4, 5}, {}}, 1);
    const HostTensor weight = random_tensor({DType::f64, {2, 3, r.kernel, r.kernel}, {}}, 2);
    const auto y = run_op(ops::conv2d_transpose(), up, {x, weight})[0];

    HostTensor swapped = HostTensor::zeros({DType::f64, {3, 2, r.kernel, r.kernel}, {}});
    const std::int64_t taps = r.kernel * r.kernel;
    for (std::int64_t o = 0; o < 2; ++o) {
      for (std::int64_t c = 0; c < 3; ++c) {
        for (std::int64_t t = 0; t < taps; ++t) {
          swapped.as<double>()[(c * 2 + o) * taps + t] = weight.as<double>()[(o * 3 + c) * taps + t];
        }
      }
    }
    const Conv2dGradAttrs down{
        up.kernel, up.stride, up.dilation, 1, up.padding, up.pads, {y.type.shape[2], y.type.shape[3]}};
    const Window window = down.window();
    CHECK((window_output(window, down.input.h, down.input.w) == Extent2{4, 5}));
    const auto expected = values<double>(run_op(ops::conv2d_grad_input(), down, {x, swapped})[0]);
    const auto got = values<double>(y);
    REQUIRE_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-12));
  }
}

// The reference crop of FCN-32s is 19: kernel 64, stride 32, behind a first convolution padded by 100 and five
// halvings.
TEST_CASE("coordinates of a transposed convolution") {
  const TensorType x{DType::f32, {1, 21, 16, 16}, {}};
  const TensorType* operands[] = {&x};
  const Conv2dTransposeAttrs attrs{.filters = 21, .kernel = {64, 64}, .stride = {32, 32}, .padding = Padding::valid};
  const CoordMap map = ops::conv2d_transpose().coord_map(attrs, operands);
  CHECK_EQ(map.scale_h, 1.0 / 32);
  CHECK_EQ(map.offset_h, -31.5 / 32);
  // Down to fc6: half a pixel at each of five halvings, 3 at the 7x7 kernel on every 32nd pixel, 1 - 100 at the first.
  const double scale = 32, offset = 15.5 + 32 * 3 - 99;
  CHECK_EQ(scale * map.offset_h + offset, -19);
}

TEST_CASE("parameters of a transposed convolution") {
  const TensorType x{DType::f32, {1, 6, 4, 4}, {}};
  const auto made =
      ops::conv2d_transpose().parameters(Conv2dTransposeAttrs{.filters = 4, .kernel = {3, 2}, .groups = 2}, {&x, 1});
  REQUIRE_EQ(made.size(), 2);
  CHECK((made[0].shape == Shape{4, 3, 3, 2}));
  CHECK((made[0].init.kind == Initializer::Kind::he_normal));
  CHECK((made[1].shape == Shape{4}));
  CHECK((made[1].init.kind == Initializer::Kind::zeros));
}

TEST_CASE("a transposed convolution refuses what does not fit") {
  const HostTensor x = ones({1, 3, 2, 2});
  const auto& op = ops::conv2d_transpose();
  expect_mistake(op, Conv2dTransposeAttrs{.filters = 2, .kernel = {3, 3}}, {x, ones({3, 2, 3, 3})},
                 "expected a weight of shape [2, 3, 3, 3], got [3, 2, 3, 3]");
  expect_mistake(op, Conv2dTransposeAttrs{.filters = 2}, {x, ones({2, 3, 1, 1}), ones({3})},
                 "expected a bias of shape [2], got [3]");
  expect_mistake(op, Conv2dTransposeAttrs{.filters = 0}, {x, ones({1, 3, 1, 1})},
                 "filters and groups are expected to be at least 1");
  expect_mistake(op, Conv2dTransposeAttrs{.filters = 2, .groups = 2}, {x, ones({2, 1, 1, 1})},
                 "groups = 2 does not divide 3 input channels and 2 filters");
  expect_mistake(op, Conv2dTransposeAttrs{.filters = 1, .padding = Padding::explicit_pads, .pads = {1, 0, 1, 0}},
                 {x, ones({1, 3, 1, 1})}, "the pads leave nothing of the output of an input of 2 x 2 pixels");
}

}  // namespace
}  // namespace fcngraph
