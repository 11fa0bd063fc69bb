// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/concat.h>

#include <algorithm>

#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<SliceChannelsAttrs>();
  if (!expect_features(c, 0)) return {};
  const auto& x = c.operand(0);
  if (a.first < 0 || a.count < 1 || checked_add(a.first, a.count) > x.shape[1]) {
    return refuse(c, "channels " + std::to_string(a.first) + " to " + std::to_string(checked_add(a.first, a.count)) +
                         " do not lie in an input of " + std::to_string(x.shape[1]) + " channels");
  }
  return {plain(x.dtype, {x.shape[0], a.count, x.shape[2], x.shape[3]})};
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<SliceChannelsAttrs>();
  const auto& x = args.operands[0];
  const std::int64_t pixels = x.dim(2) * x.dim(3);
  T* y = args.results[0].as<T>();
  for (std::int64_t n = 0; n < x.dim(0); ++n) {
    y = std::copy_n(x.as<T>() + (n * x.dim(1) + a.first) * pixels, a.count * pixels, y);
  }
}

std::vector<OpCase> cases() {
  const auto make = [](const char* name, Shape x, std::int64_t first, std::int64_t count) {
    return OpCase{.name = name,
                  .attrs = SliceChannelsAttrs{first, count},
                  .operands = {plain(DType::f32, std::move(x))},
                  .absent = {},
                  .gradient = false};
  };
  return {make("middle", {2, 5, 3, 4}, 1, 3), make("last", {2, 4, 1, 1}, 3, 1), make("blocks", {1, 48, 2, 3}, 16, 32),
          make("all", {1, 2, 3, 2}, 0, 2)};
}

}  // namespace

const OpDef& slice_channels() {
  static const OpDef def = OpBuilder<SliceChannelsAttrs>("slice_channels", "Some of the input's channels.")
                               .input("x")
                               .output("y")
                               .infer(infer)
                               .coord_map([](const Attrs&, std::span<const TensorType* const>) { return CoordMap{}; })
                               .reference(run<float>, run<double>)
                               .cases(cases)
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
