// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/crop.h>

#include <algorithm>

#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const Pads& p = c.attrs.as<PadAttrs>().pads;
  if (!expect_features(c, 0)) return {};
  if (std::min({p.top, p.left, p.bottom, p.right}) < 0) return refuse(c, "pads are expected to be at least 0");
  const auto& x = c.operand(0);
  return {plain(x.dtype, {x.shape[0], x.shape[1], checked_add(x.shape[2], checked_add(p.top, p.bottom)),
                          checked_add(x.shape[3], checked_add(p.left, p.right))})};
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<PadAttrs>();
  const auto& x = args.operands[0];
  const auto& y = args.results[0];
  std::fill_n(y.as<T>(), y.elements(), static_cast<T>(a.value));
  const T* in = x.as<T>();
  for (std::int64_t plane = 0; plane < x.dim(0) * x.dim(1); ++plane) {
    for (std::int64_t i = 0; i < x.dim(2); ++i, in += x.dim(3)) {
      std::copy_n(in, x.dim(3), y.as<T>() + (plane * y.dim(2) + i + a.pads.top) * y.dim(3) + a.pads.left);
    }
  }
}

std::vector<OpCase> cases() {
  const auto make = [](const char* name, Shape x, Pads pads, double value) {
    return OpCase{
        .name = name, .attrs = PadAttrs{pads, value}, .operands = {plain(DType::f32, std::move(x))}, .absent = {}};
  };
  return {make("four_sides", {2, 3, 4, 5}, {1, 0, 2, 3}, 0), make("from_one_pixel", {1, 16, 1, 1}, {1, 3, 1, 0}, -2.5),
          make("nothing", {1, 2, 1, 3}, {}, 7), make("bottom_right", {1, 4, 5, 3}, {0, 0, 3, 5}, 0)};
}

}  // namespace

const OpDef& pad() {
  static const OpDef def =
      OpBuilder<PadAttrs>("pad", "The input with a border of one value.")
          .input("x")
          .output("y")
          .infer(infer)
          .gradient([](GradientContext& g) {
            g.set(0, g.emit(crop(), "grad", CropAttrs{g.attrs().as<PadAttrs>().pads}, {g.grad(0)}));
          })
          .coord_map([](const Attrs& attrs, std::span<const TensorType* const>) {
            const Pads& p = attrs.as<PadAttrs>().pads;
            return CoordMap{1, 1, -static_cast<double>(p.top), -static_cast<double>(p.left)};
          })
          .reference(run<float>, run<double>)
          .cases(cases)
          .build();
  return def;
}

}  // namespace fcngraph::ops
