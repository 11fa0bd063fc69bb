// SPDX-License-Identifier: Apache-2.0
// What kernels of our own say that they compute, which profiles divide by time.
#include <doctest/doctest.h>

#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "backends_under_test.h"

namespace fcngraph::testing {
namespace {

TensorType f32(Shape shape) { return {DType::f32, std::move(shape), {}}; }

double operations(const Backend& backend, const OpDef& op, const Attrs& attrs, const TensorType& a, const TensorType& b,
                  const TensorType& result, const char* kernels) {
  const Capability answer = backend.capability({"c", &op, &attrs, {&a, &b}, {&result}, nullptr}, {.kernels = kernels});
  REQUIRE_MESSAGE(answer.supported, answer.reason);
  CAPTURE(answer.kernel);
  return answer.operations;
}

TEST_CASE("a kernel of our own counts its own products") {
  for (const Backend* backend : backends_under_test()) {
    if (backend->name() != "onednn") continue;
    Conv2dAttrs conv;
    conv.filters = 32;
    conv.kernel = {3, 3};
    const TensorType x = f32({2, 16, 14, 9}), weight = f32({32, 16, 3, 3}), y = f32({2, 32, 14, 9});
    const double pairs = 16.0 * 32, tiles = 2.0 * 4 * 3;  // of 14 rows and 9 columns
    CHECK(operations(*backend, ops::conv2d(), conv, x, weight, y, "winograd") == 2 * 36 * pairs * tiles);
    conv.epilogue = Epilogue::relu_max_pool;
    const TensorType pooled = f32({2, 32, 7, 4});
    CHECK(operations(*backend, ops::conv2d(), conv, x, weight, pooled, "winograd") == 2 * 36 * pairs * tiles);
    // 81 for each tile of 7x7, whose sides are filled up to an even number of them where they are pooled.
    CHECK(operations(*backend, ops::conv2d(), conv, x, weight, pooled, "winograd7x7") == 2 * 81 * pairs * 2 * 2 * 2);
    conv.epilogue = Epilogue::none;
    const TensorType tall = f32({2, 16, 21, 9}), high = f32({2, 32, 21, 9});
    CHECK(operations(*backend, ops::conv2d(), conv, tall, weight, high, "winograd7x7") == 2 * 81 * pairs * 2 * 3 * 2);
    CHECK(operations(*backend, ops::conv2d(), conv, x, weight, y, "onednn") == 0);
    const Attrs gradient = gradient_attrs(conv, 14, 9);
    CHECK(operations(*backend, ops::conv2d_grad_input(), gradient, y, weight, x, "winograd") == 2 * 36 * pairs * tiles);
    CHECK(operations(*backend, ops::conv2d_grad_weight(), gradient, x, y, weight, "winograd") ==
          2 * 36 * pairs * tiles);
    const Conv2dTransposeAttrs transpose{.filters = 32, .kernel = {3, 3}};
    CHECK(operations(*backend, ops::conv2d_transpose(), transpose, x, weight, y, "winograd") == 2 * 36 * pairs * tiles);
    const Conv2dTransposeGradAttrs back{.kernel = {3, 3}};
    CHECK(operations(*backend, ops::conv2d_transpose_grad_weight(), back, x, y, weight, "winograd") ==
          2 * 36 * pairs * tiles);
    Conv2dAttrs large;
    large.filters = 32;
    large.kernel = {7, 7};
    // 52 complex numbers of a real 10x10 map, four multiplications and additions each.
    CHECK(operations(*backend, ops::conv2d(), large, f32({2, 16, 7, 7}), f32({32, 16, 7, 7}), f32({2, 32, 7, 7}),
                     "fourier") == 8 * 52 * pairs * 2);
    // 37 of the 49 pairs of rows meet; two real and four complex numbers of a period of 10.
    CHECK(operations(*backend, ops::conv2d(), large, f32({2, 16, 7, 7}), f32({32, 16, 7, 7}), f32({2, 32, 7, 7}),
                     "fourier_rows") == 2 * 666 * pairs * 2);
  }
}

TEST_CASE("the peak of multiply-adds is measured where loops of our own run") {
  for (const Backend* backend : backends_under_test()) {
    const double peak = backend->open({})->measure_peak();
    CHECK((peak > 0) == (backend->name() == "onednn"));
  }
}

}  // namespace
}  // namespace fcngraph::testing
