// SPDX-License-Identifier: Apache-2.0
// What is not a number in one image: how far kernels of our own, which share numbers among the pixels of a tile or of a map, carry it.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include <fcngraph/engine/ops/conv2d.h>

#include "backends_under_test.h"
#include "isa_scope.h"
#include "step_runner.h"

namespace fcngraph::testing {
namespace {

struct Place {
  std::int64_t image, channel, y, x;
};

std::int64_t index_of(const Shape& s, const Place& p) {
  return ((p.image * s[1] + p.channel) * s[2] + p.y) * s[3] + p.x;
}

/// Whether a pixel of the result may differ once the one at `bad` is not finite.
using Reach = std::function<bool(const Place& result, const Place& bad)>;

/// Tiles of `side` x `side` sums read two pixels more on a side, from side * tile - pad on; `share` sums make a pixel of the result, and
/// may lie in two tiles.
Reach tiles(std::int64_t side, Pads pads, std::int64_t share = 1) {
  return [side, pads, share](const Place& result, const Place& bad) {
    const auto reads = [side, share](std::int64_t at, std::int64_t pad, std::int64_t pixel) {
      const std::int64_t first = at * share / side * side - pad;
      const std::int64_t last = (at * share + share - 1) / side * side - pad + side + 2;
      return first <= pixel && pixel < last;
    };
    return result.image == bad.image && reads(result.y, pads.top, bad.y) && reads(result.x, pads.left, bad.x);
  };
}

bool whole_map(const Place& result, const Place& bad) { return result.image == bad.image; }

/// Spectra of rows know nothing of the other axis: the rows whose windows reach `taps / 2` up and down.
Reach whole_rows(std::int64_t taps) {
  return [taps](const Place& result, const Place& bad) {
    return result.image == bad.image && std::abs(result.y - bad.y) <= taps / 2;
  };
}

/// How a kernel is asked for, and the beginning of its name.
struct Form {
  const char* policy;
  const char* kernel;
  const char* storage = "f32";
};

/// Weights are [filters, channels, 3, 3]: those that the bad channel never met.
bool its_channel(const Place& result, const Place& bad) { return result.channel == bad.channel; }

/// Puts `value` into operand 0 and holds everything that it must not reach to the bits that it has without.
void check(const Backend& backend, const OpDef& op, const OpCase& one, const Form& form, const Reach& reach,
           const Place& bad, float value) {
  CAPTURE(op.name);
  CAPTURE(form.kernel);
  CAPTURE(value);
  CAPTURE(bad.y);
  CAPTURE(bad.x);
  const bool rectifies = &op == &ops::conv2d() && one.attrs.as<Conv2dAttrs>().epilogue != Epilogue::none &&
                         one.attrs.as<Conv2dAttrs>().epilogue != Epilogue::add;
  Problem problem = make_problem(op, one, 3);
  const RunOptions options{.threads = 2, .offered_tag = {}, .kernels = form.policy, .storage = form.storage};
  const Outcome clean = run_on(backend, problem, options);
  problem.operands[0].as<float>()[index_of(problem.operands[0].type.shape, bad)] = value;
  const Outcome dirty = run_on(backend, problem, options);
  REQUIRE_MESSAGE(clean.answer.supported, clean.answer.reason);
  REQUIRE(clean.answer.kernel.starts_with(form.kernel));
  const Shape& shape = clean.results[0].type.shape;
  std::int64_t astray = 0, not_finite = 0;
  Place at{};
  for (at.image = 0; at.image < shape[0]; ++at.image) {
    for (at.channel = 0; at.channel < shape[1]; ++at.channel) {
      for (at.y = 0; at.y < shape[2]; ++at.y) {
        for (at.x = 0; at.x < shape[3]; ++at.x) {
          const std::int64_t i = index_of(shape, at);
          const float before = clean.results[0].as<float>()[i], now = dirty.results[0].as<float>()[i];
          not_finite += std::isfinite(now) ? 0 : 1;
          if (!reach(at, bad) && std::memcmp(&before, &now, sizeof now) != 0) ++astray;
        }
      }
    }
  }
  CHECK(astray == 0);
  // And it is not lost, unless by a ReLU: the larger of 0 and what is not a number is 0 to the processor.
  if (!rectifies) CHECK(not_finite > 0);
}

TensorType f32(Shape shape) { return {DType::f32, std::move(shape), {}}; }

constexpr std::pair<std::int64_t, Form> kTiles[] = {{4, {"winograd", "winograd4x4:"}},
                                                    {7, {"winograd7x7", "winograd7x7:"}}};
constexpr Form kWeightTiles = {"winograd", "winograd3x3:"};
constexpr Form kRows[] = {{"fourier_rows", "fourier_rows:"},
                          {"fourier_rows", "fourier_rows_f16:", "f16"},
                          {"fourier_rows", "fourier_rows_bf16:", "bf16"}};
constexpr Place kBad[] = {{1, 0, 0, 0}, {1, 3, 8, 5}, {0, 16, 13, 12}, {2, 7, 4, 11}};

void check_all(const Backend& backend) {
  Conv2dAttrs conv;
  conv.filters = 24;
  conv.kernel = {3, 3};
  const TensorType x = f32({3, 17, 14, 13}), weight = f32({24, 17, 3, 3}), y = f32({3, 24, 14, 13});
  const Attrs gradient = gradient_attrs(conv, 14, 13);
  const OpCase data{.name = "data", .attrs = gradient, .operands = {y, weight}};
  const OpCase of_weight{.name = "weight", .attrs = gradient, .operands = {x, y}};
  Conv2dAttrs large;
  large.filters = 24;
  large.kernel = {5, 5};
  const OpCase spectra{.name = "spectra",
                       .attrs = large,
                       .operands = {f32({3, 17, 7, 6}), f32({24, 17, 5, 5}), f32({24}), f32({})},
                       .absent = {false, false, false, true}};
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (const Place& bad : kBad) {
      for (const Epilogue epilogue : {Epilogue::none, Epilogue::add, Epilogue::relu, Epilogue::relu_max_pool}) {
        CAPTURE(static_cast<int>(epilogue));
        conv.epilogue = epilogue;
        const OpCase one{.name = "forward",
                         .attrs = conv,
                         .operands = {x, weight, f32({24}), y},
                         .absent = {false, false, false, epilogue != Epilogue::add}};
        for (const auto& [side, form] : kTiles)
          check(backend, ops::conv2d(), one, form,
                tiles(side, {1, 1, 1, 1}, epilogue == Epilogue::relu_max_pool ? 2 : 1), bad, value);
      }
      for (const auto& [side, form] : kTiles)
        check(backend, ops::conv2d_grad_input(), data, form, tiles(side, {1, 1, 1, 1}), bad, value);
      check(backend, ops::conv2d_grad_weight(), of_weight, kWeightTiles, its_channel, bad, value);
      const Place in_small{bad.image, bad.channel, bad.y % 7, bad.x % 6};
      check(backend, ops::conv2d(), spectra, {"fourier", "fourier:"}, whole_map, in_small, value);
      for (const Form& rows : kRows) check(backend, ops::conv2d(), spectra, rows, whole_rows(5), in_small, value);
    }
  }
}

TEST_CASE("what is not finite stays in its image, and in the tiles that read it") {
  for (const Backend* backend : backends_under_test()) {
    if (backend->name() != "onednn") continue;
    for (const std::string& isa : isas_of(*backend)) {
      CAPTURE(isa);
      const IsaScope scope(isa);
      check_all(*backend);
    }
  }
}

}  // namespace
}  // namespace fcngraph::testing
