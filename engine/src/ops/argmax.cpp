// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/argmax.h>

#include <cmath>

#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

constexpr std::int64_t kMostChannels = 255;

std::vector<TensorType> infer(const InferContext& c) {
  if (!expect_features(c, 0)) return {};
  const auto& x = c.operand(0).shape;
  if (x[1] > kMostChannels) {
    return refuse(c, "expected at most " + std::to_string(kMostChannels) + " channels, got " + std::to_string(x[1]));
  }
  return {plain(DType::u8, {x[0], x[2], x[3]})};
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& x = args.operands[0];
  const std::int64_t channels = x.dim(1), pixels = x.dim(2) * x.dim(3);
  auto* out = args.results[0].as<std::uint8_t>();
  for (std::int64_t n = 0; n < x.dim(0); ++n) {
    const T* image = x.as<T>() + n * channels * pixels;
    for (std::int64_t i = 0; i < pixels; ++i) {
      std::int64_t best = 0;
      for (std::int64_t c = 1; c < channels; ++c) {
        const T value = image[c * pixels + i], leader = image[best * pixels + i];
        if (value > leader || (std::isnan(leader) && !std::isnan(value))) best = c;
      }
      *out++ = static_cast<std::uint8_t>(best);
    }
  }
}

std::vector<OpCase> cases() {
  const auto make = [](const char* name, Shape x) {
    return OpCase{.name = name,
                  .attrs = NoAttrs{},
                  .operands = {plain(DType::f32, std::move(x))},
                  .absent = {},
                  .gradient = false};
  };
  return {make("four_classes", {2, 4, 5, 7}), make("blocks", {1, 21, 3, 3}), make("one_class", {2, 1, 2, 3}),
          make("most_classes", {1, 255, 2, 1}), make("one_pixel", {1, 3, 1, 1})};
}

}  // namespace

const OpDef& argmax() {
  static const OpDef def =
      OpBuilder<NoAttrs>("argmax", "The channel with the largest value, for each pixel.")
          .input("x")
          .output("y")
          .infer(infer)
          .flops([](const Attrs&, std::span<const TensorType* const> operands, std::span<const TensorType* const>) {
            return static_cast<double>(operands[0]->shape.elements());
          })
          .reference(run<float>, run<double>)
          .cases(cases)
          .build();
  return def;
}

}  // namespace fcngraph::ops
