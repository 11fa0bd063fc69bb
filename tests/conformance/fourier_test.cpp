// SPDX-License-Identifier: Apache-2.0
// The convolution as a product of spectra, which the cost rule leaves out for extents as small as a test can afford.
#include <doctest/doctest.h>

#include <string>

#include <fcngraph/engine/ops/conv2d.h>

#include "own_kernels.h"
#include "tolerance.h"

namespace fcngraph::testing {
namespace {

// 19 roundings were measured in these cases for spectra of the plane, 35 for those of rows, whose products are summed in longer rows:
// as many as a sum over all taps in plain order has. In 16 bits the weights' own roundings are most of it: the largest of all pixels was
// off by 2.5 of them.
constexpr double kTolerance = 30 * kRounding, kRowsTolerance = 50 * kRounding;
const OwnKernel kForms[] = {{"fourier", "fourier:", kTolerance},
                            {"fourier_rows", "fourier_rows:", kRowsTolerance},
                            {"fourier_rows", "fourier_rows_f16:", 4 * 0x1.0p-11, "f16"},
                            {"fourier_rows", "fourier_rows_bf16:", 4 * 0x1.0p-8, "bf16"}};

struct Case {
  std::int64_t images, in, out;
  Extent2 map, kernel;
};

OpCase case_of(const Case& c, Conv2dAttrs attrs, bool bias) {
  const auto f32 = [](Shape shape) { return TensorType{DType::f32, std::move(shape), {}}; };
  attrs.filters = c.out;
  attrs.kernel = c.kernel;
  return {.name = "fourier",
          .attrs = attrs,
          .operands = {f32({c.images, c.in, c.map.h, c.map.w}),
                       f32({c.out, c.in, c.kernel.h, c.kernel.w}),
                       f32({c.out}),
                       {}},
          .absent = {false, false, !bias, true}};
}

void check(const Backend& backend, const OpCase& one, const std::string& tag) {
  for (const OwnKernel& form : kForms) check_own(backend, ops::conv2d(), one, tag, form);
}

constexpr Case kCases[] = {{1, 16, 16, {7, 7}, {7, 7}},  {8, 32, 40, {7, 7}, {7, 7}},  {2, 17, 5, {6, 9}, {5, 7}},
                           {3, 24, 70, {2, 4}, {3, 3}},  {9, 16, 33, {8, 5}, {4, 6}},  {11, 3, 16, {7, 7}, {2, 2}},
                           {17, 16, 64, {3, 3}, {5, 5}}, {1, 48, 96, {12, 11}, {5, 7}}};
constexpr const char* kTags[] = {"", "acdb", "aBcd8b", "aBcd16b"};

TEST_CASE("the product of spectra agrees with the loop for odd and even periods, in every layout") {
  on_onednn([](const Backend& backend) {
    std::size_t turn = 0;
    for (const Case& c : kCases) {
      for (const Epilogue epilogue : {Epilogue::none, Epilogue::relu}) {
        Conv2dAttrs attrs;
        attrs.epilogue = epilogue;
        check(backend, case_of(c, attrs, turn % 3 != 0), kTags[turn % std::size(kTags)]);
        ++turn;
      }
    }
  });
}

TEST_CASE("the product of spectra takes any padding") {
  on_onednn([](const Backend& backend) {
    Conv2dAttrs attrs;
    attrs.padding = Padding::valid;
    check(backend, case_of({2, 16, 16, {9, 7}, {5, 3}}, attrs, true), "");
    attrs.padding = Padding::explicit_pads;
    attrs.pads = {.top = 0, .left = 2, .bottom = 3, .right = 1};
    check(backend, case_of({2, 16, 16, {9, 7}, {5, 3}}, attrs, true), "");
    attrs.pads = {.top = 6, .left = 6, .bottom = 5, .right = 6};
    check(backend, case_of({2, 16, 16, {4, 4}, {3, 5}}, attrs, true), "");
  });
}

TEST_CASE("weights in f16 may be as large or as small as f32 allows, or none") {
  on_onednn([](const Backend& backend) {
    Problem problem = make_problem(ops::conv2d(), case_of({1, 16, 20, {5, 6}, {5, 3}}, {}, false), 3);
    float* weight = problem.operands[1].as<float>();
    constexpr std::int64_t kOf = 16 * 15;  // numbers of an output channel
    for (std::int64_t i = 0; i < kOf; ++i) {
      weight[i] *= 1e30f;
      weight[kOf + i] *= 1e-30f;
      weight[2 * kOf + i] = 0;
    }
    const Outcome got = run_on(backend, problem, {.kernels = "fourier_rows", .storage = "f16"});
    const HostTensor want = run_reference(in_double(problem))[0];
    REQUIRE(got.answer.kernel.starts_with("fourier_rows_f16:"));
    const auto* result = got.results[0].as<float>();
    const auto* expected = want.as<double>();
    for (std::int64_t output = 0; output < 20; ++output) {
      double squares = 0, errors = 0;
      for (std::int64_t p = output * 30; p < (output + 1) * 30; ++p) {
        const double error = static_cast<double>(result[p]) - expected[p];
        squares += expected[p] * expected[p];
        errors += error * error;
      }
      CHECK(errors <= 0x1.0p-22 * squares);
    }
  });
}

TEST_CASE("spectra are for weights that stay, and where they are expected to win") {
  on_onednn([](const Backend& backend) {
    Conv2dAttrs attrs;
    attrs.filters = 512;
    attrs.kernel = {7, 7};
    attrs.epilogue = Epilogue::relu;
    const auto kernel = [&](std::int64_t images, bool trains, const KernelPolicy& policy) -> std::string {
      const TensorType x{DType::f32, {images, 512, 7, 7}, {}}, weight{DType::f32, {512, 512, 7, 7}, {}};
      const Attrs held = attrs;
      StepView step{"c", &ops::conv2d(), &held, {&x, &weight}, {&x}, nullptr};
      step.trained = {false, trains};
      return backend.capability(step, policy).kernel;
    };
    CHECK(kernel(8, false, {}).starts_with("fourier:"));
    CHECK(kernel(8, true, {}).starts_with("onednn:"));
    CHECK(kernel(8, false, {.kernels = "onednn"}).starts_with("onednn:"));
    CHECK(kernel(8, false, {.exact = true}).starts_with("onednn:"));
    CHECK(kernel(1, false, {}).starts_with("fourier_rows:"));
    CHECK(kernel(1, true, {}).starts_with("onednn:"));
    CHECK(kernel(1, false, {.storage = "f16"}).starts_with("fourier_rows_f16:"));
    CHECK(kernel(8, false, {.storage = "f16"}).starts_with("fourier:"));
    attrs.stride = {2, 2};
    CHECK(kernel(8, false, {.kernels = "fourier"}).starts_with("onednn:"));
  });
}

}  // namespace
}  // namespace fcngraph::testing
