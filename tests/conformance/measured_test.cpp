// SPDX-License-Identifier: Apache-2.0
// Which kernel of a step is taken where the times of several are known.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include <fcngraph/engine/kernel_times.h>
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "own_kernels.h"

namespace fcngraph::testing {
namespace {

TensorType f32(Shape shape) { return {DType::f32, std::move(shape), {}}; }

/// Two operands, one result.
struct Proposal {
  const OpDef* op;
  Attrs attrs;
  TensorType first, second, result;
  bool trains = false;

  StepView view() const {
    StepView step{"c", op, &attrs, {&first, &second}, {&result}};
    step.trained = {false, trains};
    return step;
  }
};

Proposal convolution(std::int64_t channels, std::int64_t size, const Conv2dAttrs& more = {}) {
  Conv2dAttrs attrs = more;
  attrs.filters = channels;
  if (attrs.kernel == Extent2{1, 1}) attrs.kernel = {3, 3};
  const Extent2 out = window_output(attrs.window(), size, size);
  return {&ops::conv2d(), attrs, f32({1, channels, size, size}),
          f32({channels, channels, attrs.kernel.h, attrs.kernel.w}), f32({1, channels, out.h, out.w})};
}

using Times = std::map<std::string, KernelTime>;

KernelPolicy policy_with(const Proposal& proposal, const Times& times, const KernelPolicy& before = {}) {
  KernelPolicy policy = before;
  auto table = std::make_shared<KernelTimes>();
  table->steps[step_key(proposal.view(), policy)] = {"2026-11-22", times};
  policy.times = std::move(table);
  return policy;
}

Capability answer(const Backend& backend, const Proposal& proposal, const Times& times,
                  const KernelPolicy& policy = {}) {
  return backend.capability(proposal.view(), policy_with(proposal, times, policy));
}

/// The kernel, which must be the same once everything lies as it was answered.
std::string kernel(const Backend& backend, const Proposal& proposal, const Times& times,
                   const KernelPolicy& policy = {}) {
  const KernelPolicy measured = policy_with(proposal, times, policy);
  const Capability before = backend.capability(proposal.view(), measured);
  REQUIRE_MESSAGE(before.supported, before.reason);
  Proposal lying = proposal;
  lying.trains = false;  // weights that were packed are no parameter
  lying.first.layout = before.operands[0];
  lying.second.layout = before.operands[1];
  lying.result.layout = before.results[0];
  StepView step = lying.view();
  step.layouts_are_final = true;
  CHECK(backend.capability(step, measured).kernel == before.kernel);
  CHECK(backend.open({measured})->prepare(step) != nullptr);
  return before.kernel;
}

TEST_CASE("what was measured to be fastest is taken, whatever was expected") {
  on_onednn([](const Backend& backend) {
    const Proposal large = convolution(256, 56), small = convolution(256, 7);
    REQUIRE(backend.capability(large.view(), {}).kernel.starts_with("winograd7x7:"));
    REQUIRE(backend.capability(small.view(), {}).kernel.starts_with("onednn:"));
    CHECK(kernel(backend, large, {{"onednn", {1e-3, 0}}, {"winograd", {2e-3, 0}}}).starts_with("onednn:"));
    CHECK(kernel(backend, small, {{"onednn", {2e-3, 0}}, {"winograd", {1e-3, 0}}}).starts_with("winograd4x4:"));
    CHECK(kernel(backend, small, {{"winograd", {2e-3, 0}}, {"winograd7x7", {1e-3, 0}}}).starts_with("winograd7x7:"));
    CHECK(kernel(backend, large, {{"winograd", {1e-3, 0}}, {"winograd7x7", {2e-3, 0}}}).starts_with("winograd4x4:"));
    CHECK(answer(backend, small, {{"onednn", {2e-3, 0}}, {"winograd", {1e-3, 0}}}).reason ==
          "measured on 2026-11-22: 1 ms, 2 by onednn");
    // Of another step nothing is known.
    const KernelPolicy other = policy_with(convolution(128, 7), {{"winograd", {1e-3, 0}}, {"onednn", {2e-3, 0}}});
    CHECK(backend.capability(small.view(), other).kernel.starts_with("onednn:"));
  });
}

TEST_CASE("weights that train add what it takes to pack them") {
  on_onednn([](const Backend& backend) {
    const Times times{{"onednn", {2e-3, 1e-5}}, {"winograd", {1e-3, 3e-3}}};
    Proposal step = convolution(256, 56);
    CHECK(kernel(backend, step, times).starts_with("winograd4x4:"));
    step.trains = true;
    CHECK(kernel(backend, step, times).starts_with("onednn:"));
    CHECK(answer(backend, step, times).reason == "measured on 2026-11-22: 2.01 ms, 4 by winograd");
  });
}

TEST_CASE("one that was asked for, or sums in the plain order, wins over what was measured") {
  on_onednn([](const Backend& backend) {
    const Proposal step = convolution(256, 7);
    const Times times{{"onednn", {2e-3, 0}}, {"winograd", {1e-3, 0}}};
    CHECK(kernel(backend, step, times, {.kernels = "onednn"}).starts_with("onednn:"));
    CHECK(kernel(backend, step, times, {.exact = true}).starts_with("onednn:"));
    const Times slower{{"onednn", {1e-3, 0}}, {"winograd", {2e-3, 0}}};
    CHECK(kernel(backend, step, slower, {.kernels = "winograd"}).starts_with("winograd4x4:"));
  });
}

TEST_CASE("a kernel that a step does not have is not taken") {
  on_onednn([](const Backend& backend) {
    Conv2dAttrs strided;
    strided.stride = {2, 2};
    const Proposal step = convolution(64, 14, strided), plain = convolution(256, 56);
    for (const char* word : {"winograd", "winograd7x7", "fourier", "fourier_rows", "reference", "", "avx512", "auto"}) {
      CAPTURE(word);
      const Capability chosen = answer(backend, step, {{word, {1e-9, 0}}, {"onednn", {1, 0}}});
      CHECK(chosen.kernel.starts_with("onednn:"));
    }
    // Not even the name of one says anything: what was expected stands.
    CHECK(answer(backend, plain, {{"gpu", {1e-9, 0}}}).kernel.starts_with("winograd7x7:"));
    CHECK(answer(backend, plain, {}).kernel.starts_with("winograd7x7:"));
  });
}

TEST_CASE("pooling that is faster apart is not fused") {
  on_onednn([](const Backend& backend) {
    Conv2dAttrs pools;
    pools.epilogue = Epilogue::relu_max_pool;
    Proposal step = convolution(256, 56, pools);
    step.result = f32({1, 256, 28, 28});
    CHECK(answer(backend, step, {{"onednn", {2e-3, 0}}, {"winograd", {1e-3, 0}}}).kernel.starts_with("winograd4x4:"));
    CHECK_FALSE(answer(backend, step, {{"onednn", {1e-3, 0}}, {"winograd", {2e-3, 0}}}).supported);
  });
}

TEST_CASE("spectra of rows and of the plane are told apart") {
  on_onednn([](const Backend& backend) {
    Conv2dAttrs large;
    large.kernel = {7, 7};
    const Proposal step = convolution(64, 7, large);
    const auto by = [&](double rows, double plane) {
      return kernel(backend, step, {{"onednn", {1, 0}}, {"fourier", {plane, 0}}, {"fourier_rows", {rows, 0}}});
    };
    CHECK(by(1e-3, 2e-3).starts_with("fourier_rows:"));
    CHECK(by(2e-3, 1e-3).starts_with("fourier:"));
  });
}

TEST_CASE("gradients of weights are chosen by what was measured, and run") {
  on_onednn([](const Backend& backend) {
    Conv2dAttrs conv;
    conv.filters = 32;
    conv.kernel = {3, 3};
    const OpCase one{
        .name = "measured", .attrs = gradient_attrs(conv, 9, 9), .operands = {f32({1, 32, 9, 9}), f32({1, 32, 9, 9})}};
    const Conv2dTransposeGradAttrs transposed{.kernel = {3, 3}};
    const OpCase two{.name = "measured", .attrs = transposed, .operands = one.operands};
    for (const auto& [op, c] :
         {std::pair{&ops::conv2d_grad_weight(), &one}, std::pair{&ops::conv2d_transpose_grad_weight(), &two}}) {
      const Proposal step{op, c->attrs, c->operands[0], c->operands[1], f32({32, 32, 3, 3})};
      for (const char* word : {"winograd", "onednn"}) {
        RunOptions options;
        options.times = policy_with(step, {{word, {1e-3, 0}}, {"winograd", {2e-3, 0}}, {"onednn", {2e-3, 0}}}).times;
        const Problem problem = make_problem(*op, *c, 3);
        const Outcome outcome = run_on(backend, problem, options);
        CHECK(outcome.answer.kernel.starts_with(word));
        CHECK(worst_error(outcome.results[0], run_reference(in_double(problem))[0]) <= 1e-5);
      }
    }
  });
}

TEST_CASE("the key of a step says what its time depends on, and not how it lies") {
  Proposal step = convolution(16, 9);
  const std::string key = step_key(step.view(), {});
  CHECK(key.starts_with("conv2d(f32[1, 16, 9, 9], f32[16, 16, 3, 3]) {"));
  CHECK(key.find("kernel=3") != std::string::npos);
  step.first.layout = {"acdb", bytes_of(step.first)};
  step.trains = true;
  CHECK(step_key(step.view(), {}) == key);
  StepView with_absent = step.view();
  with_absent.operands.push_back(nullptr);
  CHECK(step_key(with_absent, {}) == key);
  with_absent.operands.push_back(&step.result);
  CHECK(step_key(with_absent, {}).starts_with("conv2d(f32[1, 16, 9, 9], f32[16, 16, 3, 3], -, f32[1, 16, 9, 9]) {"));
  CHECK(step_key(step.view(), {.storage = "f16"}) == key + " stored as f16");
  step.first.shape = {2, 16, 9, 9};
  CHECK(step_key(step.view(), {}) != key);
}

}  // namespace
}  // namespace fcngraph::testing
