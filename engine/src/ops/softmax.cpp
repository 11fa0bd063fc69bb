// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/softmax.h>

#include "channels.h"
#include "flops_per_element.h"
#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  if (!expect_channels(c, 0) || !expect_floating(c, 0, "x")) return {};
  return {{c.operand(0).dtype, c.operand(0).shape, {}}};
}

// y may lie where x does: a pixel's sum is complete before its first channel is written.
template <class T>
void run(const ReferenceArgs& args) {
  const ChannelExtents e = channel_extents(args.operands[0].type->shape);
  const T* x = args.operands[0].as<T>();
  T* y = args.results[0].as<T>();
  for_each_pixel(e, [&](std::int64_t first) {
    const Exponentials exps = exponentials(x + first, e.channels, e.pixels);
    for (std::int64_t c = 0; c < e.channels; ++c) {
      const std::int64_t i = first + c * e.pixels;
      y[i] = static_cast<T>(std::exp(static_cast<double>(x[i]) - exps.largest) / exps.sum);
    }
  });
}

std::vector<OpCase> cases() {
  const auto one = [](const char* name, Shape x, double high) {
    return OpCase{.name = name,
                  .attrs = NoAttrs{},
                  .operands = {{DType::f32, std::move(x), {}}},
                  .absent = {},
                  .low = -high,
                  .high = high};
  };
  return {one("rank4", {2, 4, 3, 5}, 1), one("rank2", {3, 7}, 1), one("rank3", {2, 3, 4}, 1),
          one("one_channel", {1, 1, 2, 2}, 1), one("wide", {1, 21, 2, 3}, 8)};
}

}  // namespace

const OpDef& softmax() {
  static const OpDef def = OpBuilder<NoAttrs>("softmax", "Probabilities over the channels of each pixel.")
                               .input("x")
                               .output("y")
                               .infer(infer)
                               .gradient([](GradientContext& g) {
                                 g.set(0, g.emit(softmax_grad(), "grad", NoAttrs{}, {g.grad(0), g.result(0)}));
                               })
                               .flops(flops_per_element(5))
                               .coord_map([](const Attrs&, auto) { return CoordMap{}; })
                               .reference(run<float>, run<double>)
                               .cases(cases)
                               .in_place()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
