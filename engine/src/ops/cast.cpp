// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/cast.h>

#include <fcngraph/engine/half.h>

#include "flops_per_element.h"
#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const DType to = c.attrs.as<CastAttrs>().to;
  if (!expect_floating(c, 0, "x")) return {};
  if (!is_floating(to)) return refuse(c, "expected a floating type to cast to, got " + std::string(name_of(to)));
  return {plain(to, c.operand(0).shape)};
}

double read(const TensorView& x, std::int64_t i) {
  switch (x.type->dtype) {
    case DType::f64:
      return x.as<double>()[i];
    case DType::f16:
      return static_cast<double>(half_to_float(x.as<std::uint16_t>()[i]));
    case DType::bf16:
      return static_cast<double>(bfloat_to_float(x.as<std::uint16_t>()[i]));
    default:
      return static_cast<double>(x.as<float>()[i]);
  }
}

// 16-bit results are rounded from f32: twice from f64, which no plan mixes with them.
void write(const TensorView& y, std::int64_t i, double value) {
  switch (y.type->dtype) {
    case DType::f64:
      y.as<double>()[i] = value;
      break;
    case DType::f16:
      y.as<std::uint16_t>()[i] = float_to_half(static_cast<float>(value));
      break;
    case DType::bf16:
      y.as<std::uint16_t>()[i] = float_to_bfloat(static_cast<float>(value));
      break;
    default:
      y.as<float>()[i] = static_cast<float>(value);
  }
}

void run(const ReferenceArgs& args) {
  for (std::int64_t i = 0; i < args.results[0].elements(); ++i) write(args.results[0], i, read(args.operands[0], i));
}

}  // namespace

// No cases: they are in f32 and f64 alone, and backends may lack every other type.
const OpDef& cast() {
  static const OpDef def = OpBuilder<CastAttrs>("cast", "The same numbers in another floating type.")
                               .input("x")
                               .output("y")
                               .infer(infer)
                               .flops(flops_per_element(1))
                               .coord_map([](const Attrs&, auto) { return CoordMap{}; })
                               .reference(run, run)
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
