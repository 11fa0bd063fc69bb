// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/upsample.h>
#include <fcngraph/engine/ops/upsample_taps.h>

#include "operand_checks.h"
#include "upsample_cases.h"

namespace fcngraph::ops {

std::vector<OpCase> upsample_cases(bool gradient) {
  struct Row {
    const char* name;
    Shape x;
    Extent2 factor;
  };
  const Row rows[] = {{"double", {2, 3, 3, 4}, {2, 2}},    {"triple_by_double", {1, 2, 4, 3}, {3, 2}},
                      {"one_axis", {1, 16, 2, 5}, {1, 4}}, {"by_eight", {1, 4, 2, 3}, {8, 8}},
                      {"one_pixel", {2, 1, 1, 1}, {5, 4}}, {"by_one", {1, 2, 3, 2}, {1, 1}}};
  std::vector<OpCase> out;
  for (const Interpolation kind : {Interpolation::bilinear, Interpolation::nearest}) {
    for (const Row& row : rows) {
      const Shape y{row.x[0], row.x[1], row.x[2] * row.factor.h, row.x[3] * row.factor.w};
      out.push_back(
          {.name = std::string(row.name) + "_" + EnumNames<Interpolation>::names[static_cast<std::size_t>(kind)],
           .attrs = UpsampleAttrs{row.factor, kind},
           .operands = {plain(DType::f32, gradient ? y : row.x)},
           .absent = {},
           .gradient = !gradient});
    }
  }
  return out;
}

namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<UpsampleAttrs>();
  if (!expect_features(c, 0)) return {};
  if (a.factor.h < 1 || a.factor.w < 1) {
    return refuse(c, "expected a factor of at least 1, got " + extent_text(a.factor.h, a.factor.w));
  }
  const auto& x = c.operand(0);
  return {plain(x.dtype,
                {x.shape[0], x.shape[1], checked_mul(x.shape[2], a.factor.h), checked_mul(x.shape[3], a.factor.w)})};
}

double flops(const Attrs& attrs, std::span<const TensorType* const>, std::span<const TensorType* const> results) {
  // Four products are summed for each pixel.
  const bool bilinear = attrs.as<UpsampleAttrs>().kind == Interpolation::bilinear;
  return bilinear ? 8.0 * static_cast<double>(results[0]->shape.elements()) : 0.0;
}

CoordMap coord_map(const Attrs& attrs, std::span<const TensorType* const>) {
  const Extent2 factor = attrs.as<UpsampleAttrs>().factor;
  const double h = 1.0 / static_cast<double>(factor.h), w = 1.0 / static_cast<double>(factor.w);
  return {h, w, 0.5 * h - 0.5, 0.5 * w - 0.5};
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<UpsampleAttrs>();
  const auto& x = args.operands[0];
  const std::int64_t height = x.dim(2), width = x.dim(3);
  const auto rows = upsample_taps(height, a.factor.h, a.kind);
  const auto columns = upsample_taps(width, a.factor.w, a.kind);
  const T* plane = x.as<T>();
  T* y = args.results[0].as<T>();
  for (std::int64_t p = 0; p < x.dim(0) * x.dim(1); ++p, plane += height * width) {
    for (const UpsampleTap& r : rows) {
      const T* low = plane + r.low * width;
      const T* high = plane + r.high * width;
      const auto mix = [](const T* row, const UpsampleTap& tap) {
        if (tap.fraction == 0) return static_cast<double>(row[tap.low]);
        return static_cast<double>(row[tap.low]) * (1 - tap.fraction) +
               static_cast<double>(row[tap.high]) * tap.fraction;
      };
      for (const UpsampleTap& c : columns) {
        // A fraction of 0 must not read the other pixel: 0 * inf is not 0.
        const double upper = mix(low, c);
        *y++ = static_cast<T>(r.fraction == 0 ? upper : upper * (1 - r.fraction) + mix(high, c) * r.fraction);
      }
    }
  }
}

}  // namespace

const OpDef& upsample() {
  static const OpDef def =
      OpBuilder<UpsampleAttrs>("upsample", "A larger image by interpolation.")
          .input("x")
          .output("y")
          .infer(infer)
          .gradient([](GradientContext& g) { g.set(0, g.emit(upsample_grad(), "grad", g.attrs(), {g.grad(0)})); })
          .flops(flops)
          .coord_map(coord_map)
          .reference(run<float>, run<double>)
          .cases([] { return upsample_cases(false); })
          .build();
  return def;
}

}  // namespace fcngraph::ops
