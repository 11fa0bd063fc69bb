// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph {

struct ScaleAttrs {
  double value = 1.0;
  static constexpr auto fields() {
    return std::tuple{Field{"value", &ScaleAttrs::value, "number that every element is multiplied by"}};
  }
};

namespace ops {

/// y = x * value * factor. x of any shape; `factor` is an optional state of rank 0, f32 or f64, which has no
/// gradient. The gradient is the same op.
FCNGRAPH_API const OpDef& scale();

}  // namespace ops
}  // namespace fcngraph
