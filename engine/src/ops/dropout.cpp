// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/dropout.h>

#include "channels.h"
#include "flops_per_element.h"
#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

enum Operand : std::size_t { kX, kKeys };

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<DropoutAttrs>();
  if (!expect_channels(c, kX) || !expect_floating(c, kX, "x")) return {};
  if (!(a.rate >= 0 && a.rate < 1))
    return c.error("expected rate in [0, 1), got " + to_string(AttrValue(a.rate))), std::vector<TensorType>{};
  const TensorType& x = c.operand(kX);
  if (!expect_type(c, kKeys, "keys", DType::i64, Shape{x.shape[0]})) return {};
  return {{x.dtype, x.shape, {}}};
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<DropoutAttrs>();
  const ChannelExtents e = channel_extents(args.operands[kX].type->shape);
  const T* x = args.operands[kX].as<T>();
  T* y = args.results[0].as<T>();
  const T factor = static_cast<T>(1 / (1 - a.rate));
  for (std::int64_t n = 0; n < e.images; ++n) {
    const std::uint64_t stream = dropout_stream(args.operands[kKeys].as<std::int64_t>()[n], a.key);
    for (std::int64_t c = 0; c < e.channels; ++c) {
      for (std::int64_t p = 0; p < e.pixels; ++p) {
        const std::int64_t i = (n * e.channels + c) * e.pixels + p;
        y[i] = dropout_keeps(stream, p * e.channels + c, a.rate) ? x[i] * factor : T(0);
      }
    }
  }
}

std::vector<OpCase> cases() {
  const auto one = [](const char* name, Shape x, DropoutAttrs attrs) {
    const TensorType keys{DType::i64, Shape{x[0]}, {}};
    return OpCase{
        .name = name, .attrs = std::move(attrs), .operands = {{DType::f32, std::move(x), {}}, keys}, .absent = {}};
  };
  return {one("rank4", {3, 5, 4, 3}, {}), one("rank3", {2, 3, 7}, {.rate = 0.25, .key = "drop"}),
          one("rank2", {2, 20}, {.rate = 0.9, .key = "fc6_dropout"}),
          one("nothing", {2, 3, 2, 2}, {.rate = 0.0, .key = "fc6_dropout"})};
}

}  // namespace

const OpDef& dropout() {
  static const OpDef def =
      OpBuilder<DropoutAttrs>("dropout", "Random elements set to zero while training, the rest scaled up.")
          .input("x")
          .input("keys")
          .output("y")
          .infer(infer)
          .gradient([](GradientContext& g) {
            g.set(kX, g.emit(dropout(), "grad", g.attrs(), {g.grad(0), g.operand(kKeys)}));
          })
          .flops(flops_per_element(3))
          .coord_map([](const Attrs&, auto) { return CoordMap{}; })
          .reference(run<float>, run<double>)
          .cases(cases)
          .in_place()
          .identity_at_inference()
          .build();
  return def;
}

}  // namespace fcngraph::ops
