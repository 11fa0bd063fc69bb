// SPDX-License-Identifier: Apache-2.0
// Winograd's convolution, which the cost rule leaves out for extents as small as a test can afford.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "isa_scope.h"
#include "own_kernels.h"
#include "tolerance.h"

namespace fcngraph::testing {
namespace {

// The largest of the 36 products that make a pixel are some times the pixel: 160 roundings were measured in these cases, where a sum
// in plain order has 20.
constexpr double kTolerance = 240 * kRounding;
// Those of the 81 are larger: 2400 roundings, in the corner of a tile that the highest powers of the points meet.
constexpr double kLargeTolerance = 3600 * kRounding;

struct Size {
  std::int64_t images, in, out, height, width;
};

Conv2dAttrs three_by_three(std::int64_t filters, Epilogue epilogue) {
  Conv2dAttrs attrs;
  attrs.filters = filters;
  attrs.kernel = {3, 3};
  attrs.epilogue = epilogue;
  return attrs;
}

OpCase case_of(const Size& s, const Conv2dAttrs& attrs, bool bias = true) {
  const auto f32 = [](Shape shape) { return TensorType{DType::f32, std::move(shape), {}}; };
  const bool adds = attrs.epilogue == Epilogue::add || attrs.epilogue == Epilogue::add_relu;
  const Extent2 y = window_output(attrs.window(), s.height, s.width);
  return {.name = "winograd",
          .attrs = attrs,
          .operands = {f32({s.images, s.in, s.height, s.width}), f32({s.out, s.in, 3, 3}), f32({s.out}),
                       f32({s.images, s.out, y.h, y.w})},
          .absent = {false, false, !bias, !adds}};
}

/// grad_y and weight, or x and grad_y: what the gradient of that convolution reads.
OpCase gradient_case(const Size& s, const Conv2dAttrs& attrs, bool of_weight) {
  const OpCase forward = case_of(s, attrs);
  const TensorType &x = forward.operands[0], &weight = forward.operands[1], &y = forward.operands[3];
  const Attrs gradient = gradient_attrs(attrs, s.height, s.width);
  return {.name = "winograd", .attrs = gradient, .operands = of_weight ? std::vector{x, y} : std::vector{y, weight}};
}

/// In tiles of both sizes.
void check(const Backend& backend, const OpDef& op, const OpCase& one, const std::string& tag) {
  check_own(backend, op, one, tag, {"winograd", "winograd4x4:", kTolerance});
  check_own(backend, op, one, tag, {"winograd7x7", "winograd7x7:", kLargeTolerance});
}

/// Weight gradients, which know small tiles alone.
void check_weight(const Backend& backend, const OpDef& op, const OpCase& one, const std::string& tag) {
  check_own(backend, op, one, tag, {"winograd", "winograd3x3:", kTolerance});
}

constexpr Epilogue kEpilogues[] = {Epilogue::none, Epilogue::relu, Epilogue::add, Epilogue::add_relu,
                                   Epilogue::relu_max_pool};
constexpr const char* kTags[] = {"", "acdb", "aBcd8b", "aBcd16b"};

constexpr Size kSizes[] = {{1, 16, 16, 1, 1},   {2, 3, 5, 1, 5},    {1, 24, 40, 2, 2},  {3, 17, 33, 3, 7},
                           {2, 32, 64, 4, 4},   {1, 20, 32, 5, 9},  {2, 16, 48, 8, 8},  {1, 64, 32, 13, 6},
                           {1, 16, 21, 16, 17}, {2, 8, 16, 33, 31}, {5, 48, 32, 6, 10}, {1, 64, 96, 33, 33}};

TEST_CASE("Winograd's convolution agrees with the loop at every border, in every layout, with every epilogue") {
  on_onednn([](const Backend& backend) {
    std::size_t turn = 0;
    for (const Size& size : kSizes) {
      for (const Epilogue epilogue : kEpilogues) {
        if (epilogue == Epilogue::relu_max_pool && std::min(size.height, size.width) < 2) continue;
        const OpCase one = case_of(size, three_by_three(size.out, epilogue), turn % 3 != 0);
        check(backend, ops::conv2d(), one, kTags[turn++ % std::size(kTags)]);
      }
    }
  });
}

/// RMS of the error against the loop in f64, relative to that of the result.
double relative_rms(const HostTensor& got, const HostTensor& want) {
  double error = 0, size = 0;
  for (std::int64_t i = 0; i < want.type.shape.elements(); ++i) {
    const double x = want.as<double>()[i], d = x - static_cast<double>(got.as<float>()[i]);
    error += d * d;
    size += x * x;
  }
  return std::sqrt(error / size);
}

// Differences of neighbours on a smooth image lose most of their digits in any sum. What is left must not be less exact than the direct sum
// is, for there would be nothing to fall back to. Of large tiles twice as much is asked as of small ones.
TEST_CASE("no weights make Winograd's convolution inexact where the direct one is not") {
  using Taps = std::array<float, 9>;
  const std::vector<std::pair<const char*, Taps>> kinds = {{"mean", {1, 1, 1, 1, 1, 1, 1, 1, 1}},
                                                           {"corner", {1, 0, 0, 0, 0, 0, 0, 0, 0}},
                                                           {"centre", {0, 0, 0, 0, 1, 0, 0, 0, 0}},
                                                           {"Sobel", {1, 0, -1, 2, 0, -2, 1, 0, -1}},
                                                           {"Laplace", {0, 1, 0, 1, -4, 1, 0, 1, 0}},
                                                           {"second differences", {1, -2, 1, -2, 4, -2, 1, -2, 1}},
                                                           {"far apart", {1e4F, 1, 1, 1, 1e-4F, 1, 1, 1, 1}},
                                                           {"tiny", {1e-30F, 2e-30F, 0, 1e-30F, 0, 0, 0, 0, 3e-30F}},
                                                           {"huge", {1e30F, -2e30F, 0, 1e30F, 0, 0, 0, 0, 3e30F}}};
  on_onednn([&](const Backend& backend) {
    const Size size{1, 64, 16, 28, 28};
    Problem problem = make_problem(ops::conv2d(), case_of(size, three_by_three(16, Epilogue::none), false), 11);
    const HostTensor noise = problem.operands[0];
    for (const float smooth : {0.0F, 1.0F, 50.0F}) {
      for (std::int64_t i = 0; i < 64 * 28 * 28; ++i) {
        const auto x = static_cast<float>(i % 28), y = static_cast<float>(i / 28 % 28), c = static_cast<float>(i / 784);
        problem.operands[0].as<float>()[i] =
            noise.as<float>()[i] + smooth * (2.5F + std::sin(0.1F * (x + c)) + std::cos(0.13F * (y - c)));
      }
      for (const auto& [kind, taps] : kinds) {
        CAPTURE(kind);
        CAPTURE(smooth);
        const HostTensor random =
            make_problem(ops::conv2d(), case_of(size, three_by_three(16, Epilogue::none)), 13).operands[1];
        for (std::int64_t i = 0; i < 16 * 64 * 9; ++i)
          problem.operands[1].as<float>()[i] = random.as<float>()[i / 9 * 9] * taps[static_cast<std::size_t>(i % 9)];
        const HostTensor want = run_reference(in_double(problem))[0];
        const double tiles = relative_rms(run_on(backend, problem, {.kernels = "winograd"}).results[0], want);
        const double direct = relative_rms(run_on(backend, problem, {.kernels = "onednn"}).results[0], want);
        CHECK(tiles <= std::max(1e-5, 2 * direct));
        const double large = relative_rms(run_on(backend, problem, {.kernels = "winograd7x7"}).results[0], want);
        CHECK(large <= std::max(2e-5, 2 * direct));
      }
    }
  });
}

TEST_CASE("Winograd's convolution takes any padding") {
  on_onednn([](const Backend& backend) {
    Conv2dAttrs attrs = three_by_three(16, Epilogue::relu);
    attrs.padding = Padding::valid;
    check(backend, ops::conv2d(), case_of({2, 16, 16, 9, 7}, attrs), "");
    attrs.padding = Padding::explicit_pads;
    attrs.pads = {.top = 0, .left = 2, .bottom = 3, .right = 1};
    check(backend, ops::conv2d(), case_of({2, 16, 16, 9, 7}, attrs), "");
  });
}

TEST_CASE("Winograd's gradients agree with the loop at every border, in every layout") {
  on_onednn([](const Backend& backend) {
    std::size_t turn = 0;
    for (const Size& size : kSizes) {
      const Conv2dAttrs attrs = three_by_three(size.out, Epilogue::none);
      const char* tag = kTags[turn++ % std::size(kTags)];
      check(backend, ops::conv2d_grad_input(), gradient_case(size, attrs, false), tag);
      check_weight(backend, ops::conv2d_grad_weight(), gradient_case(size, attrs, true), tag);
    }
  });
}

TEST_CASE("Winograd's weight gradient sums the tiles of a large map in parts") {
  on_onednn([](const Backend& backend) {
    const Size size{1, 16, 16, 112, 115};
    check_weight(backend, ops::conv2d_grad_weight(), gradient_case(size, three_by_three(16, Epilogue::none), true), "");
  });
}

TEST_CASE("Winograd's gradients take any padding") {
  on_onednn([](const Backend& backend) {
    Conv2dAttrs valid = three_by_three(16, Epilogue::none);
    valid.padding = Padding::valid;
    Conv2dAttrs uneven = valid;
    uneven.padding = Padding::explicit_pads;
    uneven.pads = {.top = 0, .left = 2, .bottom = 3, .right = 1};
    Conv2dAttrs wide = uneven;
    wide.pads = {.top = 5, .left = 3, .bottom = 0, .right = 7};
    for (const Conv2dAttrs& attrs : {valid, uneven, wide}) {
      const Size size{2, 16, 16, 9, 7};
      check(backend, ops::conv2d_grad_input(), gradient_case(size, attrs, false), "");
      check_weight(backend, ops::conv2d_grad_weight(), gradient_case(size, attrs, true), "");
    }
  });
}

/// What the transposed convolution with the window of `conv`, or one of its gradients, reads.
std::vector<OpCase> transposed_cases(const Size& s, const Conv2dAttrs& conv) {
  const auto f32 = [](Shape shape) { return TensorType{DType::f32, std::move(shape), {}}; };
  const Extent2 out = transposed_output(conv.window(), s.height, s.width);
  const TensorType x = f32({s.images, s.in, s.height, s.width}), y = f32({s.images, s.out, out.h, out.w});
  const TensorType weight = f32({s.out, s.in, 3, 3});
  Conv2dTransposeAttrs attrs;
  attrs.filters = s.out;
  attrs.kernel = conv.kernel;
  attrs.padding = conv.padding;
  attrs.pads = conv.pads;
  const Conv2dTransposeGradAttrs gradient{attrs.kernel, attrs.stride,  attrs.dilation,
                                          attrs.groups, attrs.padding, attrs.pads};
  return {{.name = "winograd", .attrs = attrs, .operands = {x, weight, f32({s.out})}},
          {.name = "winograd", .attrs = gradient, .operands = {y, weight}},
          {.name = "winograd", .attrs = gradient, .operands = {x, y}}};
}

void check_transposed(const Backend& backend, const Size& size, const Conv2dAttrs& conv, const std::string& tag) {
  const auto cases = transposed_cases(size, conv);
  check(backend, ops::conv2d_transpose(), cases[0], tag);
  check(backend, ops::conv2d_transpose_grad_input(), cases[1], tag);
  check_weight(backend, ops::conv2d_transpose_grad_weight(), cases[2], tag);
}

TEST_CASE("Winograd's transposed convolution and its gradients agree with the loop at every border, in every layout") {
  on_onednn([](const Backend& backend) {
    std::size_t turn = 0;
    for (const Size& size : kSizes)
      check_transposed(backend, size, three_by_three(size.out, Epilogue::none), kTags[turn++ % std::size(kTags)]);
  });
}

TEST_CASE("Winograd's transposed convolution takes any padding") {
  on_onednn([](const Backend& backend) {
    Conv2dAttrs attrs = three_by_three(16, Epilogue::none);
    attrs.padding = Padding::valid;
    check_transposed(backend, {2, 16, 24, 9, 7}, attrs, "");
    attrs.padding = Padding::explicit_pads;
    for (const Pads& cut : {Pads{0, 2, 1, 1}, Pads{4, 0, 3, 5}}) {
      attrs.pads = cut;
      check_transposed(backend, {2, 16, 24, 9, 7}, attrs, "");
    }
  });
}

TEST_CASE("the policy decides whether there may be Winograd's convolution") {
  on_onednn([](const Backend& backend) {
    const TensorType x{DType::f32, {1, 256, 56, 56}, {}}, weight{DType::f32, {256, 256, 3, 3}, {}};
    const auto kernel = [&](const Conv2dAttrs& conv, const KernelPolicy& policy) {
      const Attrs attrs = conv;
      return backend.capability({"c", &ops::conv2d(), &attrs, {&x, &weight}, {&x}, nullptr}, policy).kernel;
    };
    const Conv2dAttrs attrs = three_by_three(256, Epilogue::relu);
    CHECK(kernel(attrs, {}).starts_with("winograd7x7:"));
    CHECK(kernel(attrs, {.kernels = "winograd"}).starts_with("winograd4x4:"));
    CHECK(kernel(attrs, {.kernels = "onednn"}).starts_with("onednn:"));
    CHECK(kernel(attrs, {.exact = true}).starts_with("onednn:"));
    Conv2dAttrs strided = attrs;
    strided.dilation = {2, 2};
    CHECK(kernel(strided, {.kernels = "winograd"}).starts_with("onednn:"));
  });
}

TEST_CASE("large tiles have more weights, which few pixels and 16-bit storage are not worth") {
  on_onednn([](const Backend& backend) {
    const auto kernel = [&](std::int64_t images, std::int64_t channels, std::int64_t side, const KernelPolicy& policy,
                            bool trains = false) {
      const TensorType x{DType::f32, {images, channels, side, side}, {}};
      const TensorType weight{DType::f32, {channels, channels, 3, 3}, {}};
      const Attrs attrs = three_by_three(channels, Epilogue::relu);
      StepView step{"c", &ops::conv2d(), &attrs, {&x, &weight}, {&x}, nullptr};
      step.trained = {false, trains};
      return backend.capability(step, policy).kernel;
    };
    CHECK(kernel(1, 512, 14, {}).starts_with("winograd4x4:"));
    CHECK(kernel(8, 512, 14, {}).starts_with("winograd7x7:"));
    CHECK(kernel(8, 512, 28, {}, true).starts_with("winograd4x4:"));
    CHECK(kernel(1, 256, 56, {.storage = "f16"}).starts_with("winograd4x4:"));
    CHECK(kernel(8, 256, 56, {.storage = "f16"}).starts_with("winograd7x7:"));
    CHECK(kernel(1, 64, 224, {.storage = "f16"}).starts_with("winograd7x7:"));
  });
}

TEST_CASE("weights that train are transformed in every step, which few pixels are not worth") {
  on_onednn([](const Backend& backend) {
    const TensorType x{DType::f32, {1, 256, 14, 14}, {}}, weight{DType::f32, {256, 256, 3, 3}, {}};
    const Attrs attrs = three_by_three(256, Epilogue::relu);
    StepView step{"c", &ops::conv2d(), &attrs, {&x, &weight}, {&x}, nullptr};
    CHECK(backend.capability(step, {}).kernel.starts_with("winograd4x4:"));
    step.trained = {false, true};
    CHECK(backend.capability(step, {}).kernel.starts_with("onednn:"));
  });
}

TEST_CASE("an instruction set that nobody knows is no backend") {
  on_onednn([](const Backend& backend) {
    {
      const IsaScope scope("mmx");
      const Probe probe = backend.probe();
      CHECK_FALSE(probe.available);
      CHECK(probe.text == "FCNGRAPH_ISA: expected avx512, avx2 or scalar, got 'mmx'");
    }
    CHECK(backend.probe().available);
  });
}

}  // namespace
}  // namespace fcngraph::testing
