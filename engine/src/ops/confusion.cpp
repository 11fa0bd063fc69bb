// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/confusion.h>

#include <algorithm>

#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

constexpr std::int64_t kMostClasses = 255;

std::vector<TensorType> infer(const InferContext& c) {
  const std::int64_t classes = c.attrs.as<ConfusionAttrs>().classes;
  if (classes < 1 || classes > kMostClasses)
    return refuse(c, "expected 1 to " + std::to_string(kMostClasses) + " classes, got " + std::to_string(classes));
  if (c.operand(0).dtype != DType::u8) return refuse(c, "labels: expected u8, got " + to_string(c.operand(0)));
  if (!expect_type(c, 1, "predicted", DType::u8, c.operand(0).shape)) return {};
  return {plain(DType::i64, {classes, classes})};
}

void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<ConfusionAttrs>();
  const auto* labels = args.operands[0].as<std::uint8_t>();
  const auto* predicted = args.operands[1].as<std::uint8_t>();
  auto* counts = args.results[0].as<std::int64_t>();
  std::fill_n(counts, a.classes * a.classes, 0);
  for (std::int64_t i = 0; i < args.operands[0].elements(); ++i) {
    if (labels[i] != a.ignore && labels[i] < a.classes && predicted[i] < a.classes)
      ++counts[labels[i] * a.classes + predicted[i]];
  }
}

std::vector<OpCase> cases() {
  const auto make = [](const char* name, Shape shape, ConfusionAttrs attrs, std::int64_t values) {
    return OpCase{.name = name,
                  .attrs = attrs,
                  .operands = {plain(DType::u8, shape), plain(DType::u8, shape)},
                  .absent = {},
                  .classes = values,
                  .gradient = false};
  };
  return {make("four_classes", {2, 9, 7}, {.classes = 4}, 4),
          make("one_ignored", {1, 40, 50}, {.classes = 5, .ignore = 2}, 5),
          make("strangers", {3, 6, 5}, {.classes = 3}, 7), make("one_class", {2, 3, 2}, {.classes = 1}, 2),
          make("most_classes", {1, 11, 13}, {.classes = 255}, 256)};
}

}  // namespace

const OpDef& confusion() {
  static const OpDef def =
      OpBuilder<ConfusionAttrs>("confusion", "How often each pair of label and prediction occurs.")
          .input("labels")
          .input("predicted")
          .output("counts")
          .infer(infer)
          .flops([](const Attrs&, std::span<const TensorType* const> operands, std::span<const TensorType* const>) {
            return static_cast<double>(operands[0]->shape.elements());
          })
          .reference(run, run)
          .internal()
          .cases(cases)
          .build();
  return def;
}

}  // namespace fcngraph::ops
