// SPDX-License-Identifier: Apache-2.0
// Convolutions that nobody chose, each with both of its gradients, some of them transposed as well, on every form of our own loops that this machine has,
// against the op's own loop in f64. FCNGRAPH_SWEEP=SEED:FIRST:COUNT takes others; a failure says how to run its shape alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>

#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "../conformance/backends_under_test.h"
#include "../conformance/isa_scope.h"
#include "../conformance/step_runner.h"
#include "random_convolution.h"

namespace fcngraph::testing {
namespace {

/// Relative to the root of the mean square that sums of so many random products have. 5e-6 was measured, and 1.6 roundings of weights
/// in 16 bits.
double tolerance_of(const std::string& kernel) {
  if (kernel.starts_with("fourier_rows_f16:")) return 3 * 0x1.0p-11;
  if (kernel.starts_with("fourier_rows_bf16:")) return 3 * 0x1.0p-8;
  return kernel.starts_with("winograd7x7:") ? 1e-4 : 1e-5;
}

struct Range {
  std::uint64_t seed = 1, first = 0, count = FCNGRAPH_SWEEP_SHAPES;
};

Range range() {
  Range r;
  if (const char* text = std::getenv("FCNGRAPH_SWEEP")) {
    char* end = nullptr;
    r.seed = std::strtoull(text, &end, 10);
    if (*end == ':') r.first = std::strtoull(end + 1, &end, 10);
    if (*end == ':') r.count = std::strtoull(end + 1, &end, 10);
  }
  return r;
}

OpCase forward_case(const RandomConvolution& c, const std::string& name) {
  const auto f32 = [](Shape shape) { return TensorType{DType::f32, std::move(shape), {}}; };
  const bool adds = c.attrs.epilogue == Epilogue::add || c.attrs.epilogue == Epilogue::add_relu;
  const Extent2 y = c.sums();
  return {.name = name,
          .attrs = c.attrs,
          .operands = {f32({c.images, c.channels, c.height, c.width}),
                       f32({c.attrs.filters, c.channels / c.attrs.groups, c.attrs.kernel.h, c.attrs.kernel.w}),
                       f32({c.attrs.filters}), f32({c.images, c.attrs.filters, y.h, y.w})},
          .absent = {false, false, !c.bias, !adds}};
}

struct Job {
  const OpDef* op;
  OpCase one;
  double terms;  ///< products in a sum
};

std::vector<Job> jobs_of(const RandomConvolution& c, const std::string& name) {
  const OpCase forward = forward_case(c, name);
  const auto &x = forward.operands[0], &weight = forward.operands[1], &y = forward.operands[3];
  const Attrs gradient = gradient_attrs(c.attrs, c.height, c.width);
  const auto of = [](std::int64_t n) { return static_cast<double>(n); };
  return {{&ops::conv2d(), forward, of(c.terms())},
          {&ops::conv2d_grad_input(),
           {.name = name, .attrs = gradient, .operands = {y, weight}},
           of(weight.shape[0] / c.attrs.groups * weight.shape[2] * weight.shape[3])},
          {&ops::conv2d_grad_weight(),
           {.name = name, .attrs = gradient, .operands = {x, y}},
           of(y.shape[0] * y.shape[2] * y.shape[3])}};
}

/// The transposed convolution with the same window on the same data, and its gradients; none where its pads leave no pixel.
std::vector<Job> transposed_jobs_of(const RandomConvolution& c, const std::string& name) {
  const auto f32 = [](Shape shape) { return TensorType{DType::f32, std::move(shape), {}}; };
  const auto of = [](std::int64_t n) { return static_cast<double>(n); };
  const auto& a = c.attrs;
  const Extent2 out = transposed_output(a.window(), c.height, c.width);
  if (out.h < 1 || out.w < 1) return {};
  const TensorType x = f32({c.images, c.channels, c.height, c.width}), y = f32({c.images, a.filters, out.h, out.w});
  const TensorType weight = f32({a.filters, c.channels / a.groups, a.kernel.h, a.kernel.w});
  const Conv2dTransposeAttrs attrs{a.filters, a.kernel, a.stride, a.dilation, a.groups, a.padding, a.pads};
  const Conv2dTransposeGradAttrs gradient{a.kernel, a.stride, a.dilation, a.groups, a.padding, a.pads};
  return {{&ops::conv2d_transpose(),
           {.name = name, .attrs = attrs, .operands = {x, weight, f32({a.filters})}, .absent = {false, false, !c.bias}},
           of(c.terms())},
          {&ops::conv2d_transpose_grad_input(),
           {.name = name, .attrs = gradient, .operands = {y, weight}},
           of(a.filters / a.groups * a.kernel.h * a.kernel.w)},
          {&ops::conv2d_transpose_grad_weight(),
           {.name = name, .attrs = gradient, .operands = {x, y}},
           of(c.images * c.height * c.width)}};
}

/// The largest difference, relative to what sums of `terms` products of numbers in [-1, 1] have: an output that cancels by chance
/// must not look wrong.
double error_of(const HostTensor& got, const HostTensor& want, double terms) {
  const double scale = std::sqrt(terms) / 3;
  double worst = 0;
  for (std::int64_t i = 0; i < want.type.shape.elements(); ++i) {
    const double difference = std::abs(static_cast<double>(got.as<float>()[i]) - want.as<double>()[i]);
    if (std::isnan(difference)) return std::numeric_limits<double>::infinity();
    worst = std::max(worst, difference / std::max(scale, std::abs(want.as<double>()[i])));
  }
  return worst;
}

/// How often each kernel ran, and how far it was off.
struct Tally {
  std::int64_t runs = 0;
  double worst = 0;
};
using Tallies = std::map<std::string, Tally>;

void sweep_one(const Backend& backend, const std::vector<std::string>& isas, std::uint64_t seed, std::uint64_t index,
               Tallies& tallies) {
  const RandomConvolution c = random_convolution(seed, index);
  const std::string name = std::to_string(index);
  INFO("FCNGRAPH_SWEEP=" << std::to_string(seed) + ":" + name + ":1 is " + to_string(c));
  std::vector<Job> jobs = jobs_of(c, name);
  if (index % 4 == 0) {
    for (Job& job : transposed_jobs_of(c, name)) jobs.push_back(std::move(job));
  }
  for (const Job& job : jobs) {
    INFO("op " << job.op->name);
    const Problem problem = make_problem(*job.op, job.one, seed);
    const HostTensor want = run_reference(in_double(problem))[0];
    for (const std::string& isa : isas) {
      INFO("FCNGRAPH_ISA=" << isa);
      const IsaScope scope(isa);
      RunOptions options{.threads = c.threads, .offered_tag = c.offered_tag, .kernels = c.policy, .storage = c.storage};
      const Outcome outcome = run_on(backend, problem, options);
      // A pass that is refused a fused epilogue leaves it apart.
      const bool fused = job.op == &ops::conv2d() && c.attrs.epilogue != Epilogue::none;
      if (!outcome.answer.supported && fused) break;
      REQUIRE_MESSAGE(outcome.answer.supported, outcome.answer.reason);
      const std::string& kernel = outcome.answer.kernel;
      const double error = error_of(outcome.results[0], want, job.terms);
      CHECK_MESSAGE(error <= tolerance_of(kernel), kernel);
      const bool ours = kernel.starts_with("winograd") || kernel.starts_with("fourier");
      Tally& tally = tallies[job.op->name + " by " + (ours ? kernel : "onednn")];
      ++tally.runs;
      tally.worst = std::max(tally.worst, error);
      if (!ours) break;  // the others would be the same primitive
      if (index % 8 == 0) {
        options.threads = 3 - c.threads;
        CHECK(run_on(backend, problem, options).results[0].data == outcome.results[0].data);
      }
    }
  }
}

TEST_CASE("random convolutions and their gradients agree with the loop") {
  const Range r = range();
  for (const Backend* backend : backends_under_test()) {
    if (backend->name() != "onednn") continue;
    const auto isas = isas_of(*backend);
    Tallies tallies;
    for (std::uint64_t i = r.first; i < r.first + r.count; ++i) sweep_one(*backend, isas, r.seed, i, tallies);
    for (const auto& [what, tally] : tallies) MESSAGE(what << ": " << tally.runs << " runs, at most " << tally.worst);
    if (r.count < 100) continue;
    // A sweep that reaches a kernel by accident only would miss it one day.
    for (const std::string& isa : isas) {
      for (const char* kernel :
           {"conv2d by winograd4x4:", "conv2d_grad_input by winograd4x4:", "conv2d by winograd7x7:",
            "conv2d_grad_input by winograd7x7:", "conv2d_grad_weight by winograd3x3:",
            "conv2d_transpose by winograd4x4:", "conv2d_transpose_grad_input by winograd4x4:",
            "conv2d_transpose by winograd7x7:", "conv2d_transpose_grad_input by winograd7x7:",
            "conv2d_transpose_grad_weight by winograd3x3:", "conv2d by fourier:", "conv2d by fourier_rows:",
            "conv2d by fourier_rows_f16:", "conv2d by fourier_rows_bf16:"})
        CHECK(tallies[kernel + isa].runs >= static_cast<std::int64_t>(r.count) / 60);
    }
  }
}

}  // namespace
}  // namespace fcngraph::testing
