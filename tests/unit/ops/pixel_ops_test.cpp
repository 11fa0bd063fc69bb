// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/engine/ops/confusion.h>
#include <fcngraph/engine/ops/normalize_pixels.h>

#include "expect_mistake.h"
#include "run_op.h"

namespace fcngraph {
namespace {

using test::run_op;
using test::tensor;
using test::values;

TEST_CASE("confusion counts pairs of label and prediction, and nothing that is no class") {
  const HostTensor labels = tensor<std::uint8_t>({1, 2, 4}, {0, 1, 1, 2, 255, 2, 3, 0});
  const HostTensor predicted = tensor<std::uint8_t>({1, 2, 4}, {0, 1, 2, 2, 1, 0, 1, 3});
  const auto counts = run_op(ops::confusion(), ConfusionAttrs{.classes = 3}, {labels, predicted})[0];
  CHECK((counts.type == TensorType{DType::i64, {3, 3}, {}}));
  CHECK_EQ(values<std::int64_t>(counts), std::vector<std::int64_t>{1, 0, 0, 0, 1, 1, 1, 0, 1});
  const auto without = run_op(ops::confusion(), ConfusionAttrs{.classes = 3, .ignore = 1}, {labels, predicted})[0];
  CHECK_EQ(values<std::int64_t>(without), std::vector<std::int64_t>{1, 0, 0, 0, 0, 0, 1, 0, 1});
  expect_mistake(ops::confusion(), ConfusionAttrs{}, {labels, predicted}, "expected 1 to 255 classes, got 0");
  expect_mistake(ops::confusion(), ConfusionAttrs{.classes = 3}, {labels, tensor<std::uint8_t>({1, 1, 1}, {0})},
                 "expected 'predicted' of type u8[1, 2, 4], got u8[1, 1, 1]");
}

TEST_CASE("pixels are normalised channel by channel, in the order that the network reads") {
  const HostTensor x = tensor<std::uint8_t>({1, 1, 2, 3}, {10, 20, 30, 40, 50, 60});
  const auto bgr = run_op(ops::normalize_pixels(), NormalizePixelsAttrs{.reversed = true, .mean = {1, 2, 3}}, {x})[0];
  CHECK((bgr.type == TensorType{DType::f32, {1, 3, 1, 2}, {}}));
  CHECK_EQ(values<float>(bgr), std::vector<float>{29, 59, 18, 48, 7, 37});
  const NormalizePixelsAttrs scaled{.divide = 10, .mean = {1, 1, 1}, .deviation = {2, 4, 8}};
  CHECK_EQ(values<float>(run_op(ops::normalize_pixels(), scaled, {x})[0]),
           std::vector<float>{0, 1.5F, 0.25F, 1, 0.25F, 0.625F});
  expect_mistake(ops::normalize_pixels(), NormalizePixelsAttrs{.mean = {1}}, {x},
                 "mean: expected 3 numbers, one for each channel, got 1");
  expect_mistake(ops::normalize_pixels(), NormalizePixelsAttrs{.divide = 0}, {x},
                 "expected to divide by numbers other than 0");
  expect_mistake(ops::normalize_pixels(), {NormalizePixelsAttrs{}}, {HostTensor::zeros({DType::f32, {1, 2, 2, 3}, {}})},
                 "expected pixels u8 [N, H, W, C], got f32[1, 2, 2, 3]");
}

}  // namespace
}  // namespace fcngraph
