// SPDX-License-Identifier: Apache-2.0
// Winograd's convolution, which the cost rule leaves out for extents as small as a test can afford.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "own_kernels.h"
#include "tolerance.h"

namespace fcngraph::testing {
namespace {

// The largest of the 36 products that make a pixel are some times the pixel: 160 roundings were measured in these cases, where a sum
// in plain order has 20.
constexpr double kTolerance = 240 * kRounding;

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

void check(const Backend& backend, const OpDef& op, const OpCase& one, const std::string& tag,
           const std::string& kernel = "winograd4x4:") {
  check_own(backend, op, one, tag, {"winograd", kernel, kTolerance});
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
      check(backend, ops::conv2d_grad_weight(), gradient_case(size, attrs, true), tag, "winograd3x3:");
    }
  });
}

TEST_CASE("Winograd's weight gradient sums the tiles of a large map in parts") {
  on_onednn([](const Backend& backend) {
    const Size size{1, 16, 16, 112, 115};
    check(backend, ops::conv2d_grad_weight(), gradient_case(size, three_by_three(16, Epilogue::none), true), "",
          "winograd3x3:");
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
      check(backend, ops::conv2d_grad_weight(), gradient_case(size, attrs, true), "", "winograd3x3:");
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
  check(backend, ops::conv2d_transpose_grad_weight(), cases[2], tag, "winograd3x3:");
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
    CHECK(kernel(attrs, {}).starts_with("winograd4x4:"));
    CHECK(kernel(attrs, {.kernels = "onednn"}).starts_with("onednn:"));
    CHECK(kernel(attrs, {.exact = true}).starts_with("onednn:"));
    Conv2dAttrs strided = attrs;
    strided.dilation = {2, 2};
    CHECK(kernel(strided, {.kernels = "winograd"}).starts_with("onednn:"));
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
    const char* set = std::getenv("FCNGRAPH_ISA");
    const std::string before = set != nullptr ? set : "";
    setenv("FCNGRAPH_ISA", "mmx", 1);
    const Probe probe = backend.probe();
    setenv("FCNGRAPH_ISA", before.c_str(), 1);
    CHECK_FALSE(probe.available);
    CHECK(probe.text == "FCNGRAPH_ISA: expected avx512, avx2 or scalar, got 'mmx'");
    CHECK(backend.probe().available);
  });
}

}  // namespace
}  // namespace fcngraph::testing
