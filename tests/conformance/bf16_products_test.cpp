// SPDX-License-Identifier: Apache-2.0
// Convolutions of f32 whose factors are rounded to bf16 on the way to the multipliers.
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include <fcngraph/engine/ops/conv2d.h>

#include "isa_scope.h"
#include "own_kernels.h"
#include "tolerance.h"

namespace fcngraph::testing {
namespace {

// Of bf16: 8 bits. Tiles have several times the error of a sum in order (docs/kernels.md), and the largest of 70 000 errors is six times their RMS.
constexpr double kRoundingOfBfloat = 1.0 / 512;
constexpr double kDirectTolerance = 6 * kRoundingOfBfloat;
constexpr double kTileTolerance = 80 * kRoundingOfBfloat;

Conv2dAttrs window(std::int64_t filters, std::int64_t side, Epilogue epilogue) {
  Conv2dAttrs attrs;
  attrs.filters = filters;
  attrs.kernel = {side, side};
  attrs.epilogue = epilogue;
  return attrs;
}

OpCase case_of(const Shape& x, const Conv2dAttrs& attrs) {
  const auto f32 = [](Shape shape) { return TensorType{DType::f32, std::move(shape), {}}; };
  const bool adds = attrs.epilogue == Epilogue::add || attrs.epilogue == Epilogue::add_relu;
  const Extent2 y = window_output(attrs.window(), x[2], x[3]);
  return {.name = "bf16",
          .attrs = attrs,
          .operands = {f32(x), f32({attrs.filters, x[1] / attrs.groups, attrs.kernel.h, attrs.kernel.w}),
                       f32({attrs.filters}), f32({x[0], attrs.filters, y.h, y.w})},
          .absent = {false, false, false, !adds}};
}

template <class F>
void where_there_is_bf16(F f) {
  on_onednn([&](const Backend& backend) {
    if (backend.multiplies_in(DType::bf16).available) f(backend);
  });
}

TEST_CASE("Winograd's convolution with products of bf16 agrees with the loop") {
  where_there_is_bf16([](const Backend& backend) {
    std::size_t turn = 0;
    constexpr const char* kTags[] = {"", "acdb", "aBcd8b", "aBcd16b"};
    for (const Shape& x : {Shape{1, 16, 1, 1}, Shape{2, 3, 1, 5}, Shape{3, 17, 3, 7}, Shape{1, 20, 5, 9},
                           Shape{1, 64, 13, 6}, Shape{5, 48, 6, 10}, Shape{1, 64, 33, 33}}) {
      for (const Epilogue epilogue :
           {Epilogue::none, Epilogue::relu, Epilogue::add, Epilogue::add_relu, Epilogue::relu_max_pool}) {
        if (epilogue == Epilogue::relu_max_pool && std::min(x[2], x[3]) < 2) continue;
        const std::int64_t filters = turn % 2 == 0 ? 40 : 64;
        check_own(backend, ops::conv2d(), case_of(x, window(filters, 3, epilogue)), kTags[turn++ % 4],
                  {"winograd", "winograd4x4_bf16:", kTileTolerance, "f32", DType::bf16});
      }
      const OpCase forward = case_of(x, window(40, 3, Epilogue::none));
      const OpCase backward{.name = "bf16",
                            .attrs = gradient_attrs(window(40, 3, Epilogue::none), x[2], x[3]),
                            .operands = {forward.operands[3], forward.operands[1]}};
      check_own(backend, ops::conv2d_grad_input(), backward, kTags[turn % 4],
                {"winograd", "winograd4x4_bf16:", kTileTolerance, "f32", DType::bf16});
    }
  });
}

TEST_CASE("oneDNN's convolution with products of bf16 reads and writes f32") {
  where_there_is_bf16([](const Backend& backend) {
    const OwnKernel direct{"onednn", "onednn:", kDirectTolerance, "f32", DType::bf16};
    for (const char* tag : {"", "acdb", "aBcd16b"}) {
      for (const Epilogue epilogue : {Epilogue::none, Epilogue::relu, Epilogue::add, Epilogue::add_relu}) {
        check_own(backend, ops::conv2d(), case_of({2, 32, 9, 7}, window(48, 3, epilogue)), tag, direct);
        check_own(backend, ops::conv2d(), case_of({1, 64, 5, 7}, window(256, 1, epilogue)), tag, direct);
      }
    }
    Conv2dAttrs strided = window(64, 3, Epilogue::relu), grouped = window(64, 3, Epilogue::none);
    strided.stride = {2, 2};
    strided.dilation = {1, 1};
    grouped.groups = 2;
    check_own(backend, ops::conv2d(), case_of({2, 32, 15, 18}, strided), "", direct);
    check_own(backend, ops::conv2d(), case_of({2, 64, 15, 18}, grouped), "", direct);
  });
}

TEST_CASE("products of bf16 are asked for, are really in bf16, and stay in f32 where they would gain nothing") {
  where_there_is_bf16([](const Backend& backend) {
    const auto answer = [&](const OpCase& one, const KernelPolicy& policy) {
      return backend.capability(
          {"c", &ops::conv2d(), &one.attrs, {&one.operands[0], &one.operands[1]}, {&one.operands[3]}, nullptr}, policy);
    };
    const OpCase large = case_of({1, 256, 56, 56}, window(256, 3, Epilogue::relu));
    CHECK(answer(large, {}).kernel.starts_with("winograd7x7:"));
    CHECK(answer(large, {.products = DType::bf16}).kernel.starts_with("winograd4x4_bf16:"));
    CHECK(answer(large, {.kernels = "onednn", .products = DType::bf16}).kernel.ends_with("bf16"));
    CHECK(answer(large, {.exact = true, .products = DType::bf16}).kernel.ends_with("bf16"));
    const OpCase image = case_of({1, 3, 56, 56}, window(64, 3, Epilogue::relu));
    CHECK(answer(image, {.products = DType::bf16}).reason.starts_with("products stay in f32"));
    CHECK(answer(image, {}).reason.empty());

    const Problem problem = make_problem(ops::conv2d(), case_of({1, 64, 16, 16}, window(64, 3, Epilogue::none)), 5);
    for (const char* kernels : {"winograd", "onednn"}) {
      const Outcome narrow = run_on(backend, problem, {.kernels = kernels, .products = DType::bf16});
      CHECK(worst_error(narrow.results[0], run_reference(in_double(problem))[0]) > 100 * kRounding);
    }
    const IsaScope scope("avx2");
    CHECK_FALSE(backend.multiplies_in(DType::bf16).available);
    CHECK(answer(large, {.products = DType::bf16}).kernel.starts_with("winograd7x7:"));
  });
}

TEST_CASE("what is not finite goes through products of bf16") {
  where_there_is_bf16([](const Backend& backend) {
    Problem problem = make_problem(ops::conv2d(), case_of({2, 32, 12, 12}, window(64, 3, Epilogue::none)), 5);
    for (const char* kernels : {"winograd", "onednn"}) {
      for (const float bad : {std::nanf(""), INFINITY}) {
        problem.operands[0].as<float>()[5 * 12 + 5] = bad;
        const Outcome outcome = run_on(backend, problem, {.kernels = kernels, .products = DType::bf16});
        const auto* y = outcome.results[0].as<float>();
        CHECK_FALSE(std::isfinite(y[5 * 12 + 5]));
        for (std::int64_t i = 64 * 144; i < 2 * 64 * 144; ++i) REQUIRE(std::isfinite(y[i]));  // of the other image
      }
    }
  });
}

}  // namespace
}  // namespace fcngraph::testing
