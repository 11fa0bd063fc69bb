// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/tensor.h>

#include <doctest/doctest.h>

#include <fcngraph/engine/error.h>
#include <algorithm>
#include <array>
#include <numeric>

namespace fcngraph {
namespace {

TEST_CASE("argmax takes the largest logit, the lowest index of equals, of the image asked for") {
  Tensor logits = Tensor::zeros({DType::f32, {2, 3, 1, 2}, {}});
  const std::array<float, 12> values{0, 5, 1, 5, 2, 4, /**/ -1, -3, -2, -2, -3, -1};
  std::copy(values.begin(), values.end(), logits.as<float>());
  CHECK_EQ(argmax(logits).labels, std::vector<std::uint8_t>{2, 0});
  CHECK_EQ(argmax(logits, 1).labels, std::vector<std::uint8_t>{0, 2});
  CHECK_THROWS_AS((void)argmax(logits, 2), GraphError);
  CHECK_THROWS_AS((void)argmax(logits, -1), GraphError);
  CHECK_THROWS_AS((void)argmax(Tensor::zeros({DType::f32, {2, 3}, {}})), GraphError);
  CHECK_THROWS_AS((void)argmax(Tensor::zeros({DType::f32, {1, 256, 1, 1}, {}})), GraphError);
  CHECK_THROWS_AS((void)argmax(Tensor::zeros({DType::u8, {1, 2, 1, 1}, {}})), GraphError);
}

TEST_CASE("NHWC and back") {
  Tensor tensor = Tensor::zeros({DType::f32, {2, 3, 2, 2}, {}});
  std::iota(tensor.as<float>(), tensor.as<float>() + 24, 0.0f);
  const Tensor nhwc = to_nhwc(tensor);
  CHECK_EQ(nhwc.type.shape, Shape{2, 2, 2, 3});
  // n = 1, y = 1, x = 0, c = 2
  CHECK_EQ(nhwc.as<float>()[((1 * 2 + 1) * 2 + 0) * 3 + 2], 12 + 2 * 4 + 2);
  const Tensor back = to_nchw(nhwc);
  CHECK_EQ(back.type, tensor.type);
  CHECK_EQ(back.data, tensor.data);
  CHECK_EQ(to_nhwc(Tensor::zeros({DType::u8, {3}, {}})).type.shape, Shape{3});
}

}  // namespace
}  // namespace fcngraph
