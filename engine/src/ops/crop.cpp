// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/crop.h>

#include <algorithm>

#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

constexpr std::string_view kNotAligned = "a crop to the size of another tensor has no place before align_crops";

std::vector<TensorType> infer_like(const InferContext& c) {
  if (!expect_features(c, 1)) return {};
  const auto &x = c.operand(0), &like = c.operand(1);
  if (c.attrs.as<CropAttrs>().pads != Pads{}) return refuse(c, "pads are given, but the second input says what to cut");
  if (x.shape[2] < like.shape[2] || x.shape[3] < like.shape[3]) {
    return refuse(c, "expected an input of at least " + extent_text(like.shape[2], like.shape[3]) +
                         " pixels, the size that it is cut to, got " + extent_text(x.shape[2], x.shape[3]));
  }
  return {plain(x.dtype, {x.shape[0], x.shape[1], like.shape[2], like.shape[3]})};
}

std::vector<TensorType> infer(const InferContext& c) {
  const Pads& p = c.attrs.as<CropAttrs>().pads;
  if (!expect_features(c, 0)) return {};
  if (c.has(1)) return infer_like(c);
  if (std::min({p.top, p.left, p.bottom, p.right}) < 0) return refuse(c, "pads are expected to be at least 0");
  const auto& x = c.operand(0);
  const std::int64_t height = x.shape[2] - checked_add(p.top, p.bottom);
  const std::int64_t width = x.shape[3] - checked_add(p.left, p.right);
  if (height < 1 || width < 1) {
    return refuse(c, "cutting " + extent_text(p.top + p.bottom, p.left + p.right) + " pixels off an input of " +
                         extent_text(x.shape[2], x.shape[3]) + " leaves nothing");
  }
  return {plain(x.dtype, {x.shape[0], x.shape[1], height, width})};
}

template <class T>
void run(const ReferenceArgs& args) {
  const Pads& p = args.attrs.as<CropAttrs>().pads;
  const auto& x = args.operands[0];
  const auto& y = args.results[0];
  if (args.operands.size() > 1 && args.operands[1].present()) throw GraphError(std::string(kNotAligned));
  T* out = y.as<T>();
  for (std::int64_t plane = 0; plane < y.dim(0) * y.dim(1); ++plane) {
    for (std::int64_t i = 0; i < y.dim(2); ++i) {
      const T* row = x.as<T>() + (plane * x.dim(2) + i + p.top) * x.dim(3) + p.left;
      out = std::copy_n(row, y.dim(3), out);
    }
  }
}

std::vector<OpCase> cases() {
  const auto make = [](const char* name, Shape x, Pads pads) {
    return OpCase{.name = name, .attrs = CropAttrs{pads}, .operands = {plain(DType::f32, std::move(x))}, .absent = {}};
  };
  return {make("four_sides", {2, 3, 7, 6}, {1, 0, 2, 3}), make("to_one_pixel", {1, 16, 3, 4}, {1, 3, 1, 0}),
          make("nothing", {1, 2, 1, 3}, {}), make("centre", {1, 4, 9, 9}, {2, 2, 2, 2})};
}

}  // namespace

const OpDef& crop() {
  static const OpDef def =
      OpBuilder<CropAttrs>("crop",
                           "The input without a border, or cut to the size of another where they lie over each other.")
          .input("x")
          .optional_input("like")
          .output("y")
          .infer(infer)
          .gradient([](GradientContext& g) {
            if (g.has_operand(1)) return g.refuse(std::string(kNotAligned));
            g.set(0, g.emit(pad(), "grad", PadAttrs{g.attrs().as<CropAttrs>().pads, 0.0}, {g.grad(0)}));
          })
          .coord_map([](const Attrs& attrs, std::span<const TensorType* const>) {
            const Pads& p = attrs.as<CropAttrs>().pads;
            return CoordMap{1, 1, static_cast<double>(p.top), static_cast<double>(p.left)};
          })
          .reference(run<float>, run<double>)
          .cases(cases)
          .build();
  return def;
}

}  // namespace fcngraph::ops
