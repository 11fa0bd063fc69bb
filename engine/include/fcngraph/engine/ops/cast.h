// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph {

template <>
struct EnumNames<DType> {
  static constexpr std::array names{"f32", "f64", "f16", "bf16", "i32", "i64", "u8"};
};

struct CastAttrs {
  DType to = DType::f32;
  static constexpr auto fields() { return std::tuple{Field{"to", &CastAttrs::to, "element type of the result", true}}; }
};

namespace ops {

/// The same numbers in another floating type, each rounded to the nearest, ties to even. Any shape. Made by
/// apply_precision_policy, behind differentiate: it has no gradient.
FCNGRAPH_API const OpDef& cast();

}  // namespace ops
}  // namespace fcngraph
