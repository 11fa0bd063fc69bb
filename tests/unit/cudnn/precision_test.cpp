// SPDX-License-Identifier: Apache-2.0
#include "precision.h"

#include <doctest/doctest.h>

#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/ops/softmax.h>

namespace fcngraph::cudnn {
namespace {

TEST_CASE("convolutions and what lies between them are offered in 16 bits, sums and losses are not") {
  for (const char* op : {"conv2d", "conv2d_grad_weight", "conv2d_transpose", "relu", "relu_grad", "max_pool2d",
                         "max_pool2d_grad", "add", "crop", "dropout", "cast", "reorder"}) {
    CAPTURE(op);
    for (const DType type : {DType::f32, DType::f16, DType::bf16, DType::u8, DType::i32}) CHECK(offers(op, type));
  }
  for (const char* op : {"softmax", "cross_entropy", "cross_entropy_grad", "region", "mean_loss", "batch_norm",
                         "sum_squares", "sum_to_channels", "clip_scale", "adamw", "sgd", "accumulate", "upsample"}) {
    CAPTURE(op);
    CHECK(offers(op, DType::f32));
    CHECK_FALSE(offers(op, DType::f16));
    CHECK_FALSE(offers(op, DType::bf16));
  }
  CHECK_FALSE(offers("conv2d", DType::f64));
}

TEST_CASE("a refusal names the tensor, its type and what would be lost") {
  const Attrs attrs = NoAttrs{};
  const TensorType half{DType::f16, {1, 2, 3, 4}, {}}, wide{DType::f64, {1, 2, 3, 4}, {}}, number{DType::f64, {}, {}};
  CHECK(type_refusal({"s", &ops::softmax(), &attrs, {&half}, {&half}, nullptr}) ==
        "operand 0: expected f32, got f16, in which 'softmax' would lose digits");
  CHECK(type_refusal({"r", &ops::relu(), &attrs, {&wide}, {&wide}, nullptr}) == "operand 0: expected f32, got f64");
  CHECK(type_refusal({"r", &ops::relu(), &attrs, {&half}, {&half}, nullptr}).empty());
  CHECK(type_refusal({"r", &ops::relu(), &attrs, {&half, &number}, {nullptr}, nullptr}).empty());
}

}  // namespace
}  // namespace fcngraph::cudnn
