// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/normalize_pixels.h>

#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

constexpr std::int64_t kMostChannels = 4;

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<NormalizePixelsAttrs>();
  const TensorType& x = c.operand(0);
  if (x.dtype != DType::u8 || x.shape.rank() != 4)
    return refuse(c, "expected pixels u8 [N, H, W, C], got " + to_string(x));
  const std::int64_t channels = x.shape[3];
  if (channels < 1 || channels > kMostChannels)
    return refuse(c, "expected 1 to " + std::to_string(kMostChannels) + " channels, got " + std::to_string(channels));
  for (const auto& [name, list] : {std::pair{"mean", &a.mean}, std::pair{"deviation", &a.deviation}}) {
    if (!list->empty() && static_cast<std::int64_t>(list->size()) != channels)
      return refuse(c, std::string(name) + ": expected " + std::to_string(channels) +
                           " numbers, one for each channel, got " + std::to_string(list->size()));
  }
  bool zero = a.divide == 0;
  for (const double by : a.deviation) zero = zero || by == 0;
  if (zero) return refuse(c, "expected to divide by numbers other than 0");
  return {plain(DType::f32, {x.shape[0], channels, x.shape[1], x.shape[2]})};
}

void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<NormalizePixelsAttrs>();
  const TensorView& x = args.operands[0];
  const std::int64_t channels = x.dim(3), pixels = x.dim(1) * x.dim(2);
  auto* out = args.results[0].as<float>();
  const auto number = [](const std::vector<double>& list, std::int64_t i, double otherwise) {
    return static_cast<float>(list.empty() ? otherwise : list[static_cast<std::size_t>(i)]);
  };
  for (std::int64_t n = 0; n < x.dim(0); ++n) {
    const auto* image = x.as<std::uint8_t>() + n * pixels * channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int64_t from = a.reversed ? channels - 1 - c : c;
      const float divide = static_cast<float>(a.divide), mean = number(a.mean, c, 0), by = number(a.deviation, c, 1);
      for (std::int64_t i = 0; i < pixels; ++i)
        *out++ = (static_cast<float>(image[i * channels + from]) / divide - mean) / by;
    }
  }
}

std::vector<OpCase> cases() {
  const auto make = [](const char* name, Shape shape, NormalizePixelsAttrs attrs) {
    return OpCase{.name = name,
                  .attrs = std::move(attrs),
                  .operands = {plain(DType::u8, std::move(shape))},
                  .absent = {},
                  .classes = 256,
                  .gradient = false};
  };
  return {
      make("caffe", {2, 5, 7, 3}, {.reversed = true, .mean = {103.939, 116.779, 123.68}}),
      make("torch", {1, 4, 3, 3}, {.divide = 255, .mean = {0.485, 0.456, 0.406}, .deviation = {0.229, 0.224, 0.225}}),
      make("tf", {3, 2, 2, 3}, {.divide = 127.5, .mean = {1, 1, 1}}), make("gray", {2, 3, 5, 1}, {})};
}

}  // namespace

const OpDef& normalize_pixels() {
  static const OpDef def =
      OpBuilder<NormalizePixelsAttrs>("normalize_pixels", "Decoded images as a network reads them.")
          .input("pixels")
          .output("y")
          .infer(infer)
          .flops([](const Attrs&, std::span<const TensorType* const> operands, std::span<const TensorType* const>) {
            return 3.0 * static_cast<double>(operands[0]->shape.elements());
          })
          .reference(run, run)
          .internal()
          .cases(cases)
          .build();
  return def;
}

}  // namespace fcngraph::ops
