// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <fcngraph/engine/op.h>

namespace fcngraph {

struct NormalizePixelsAttrs {
  bool reversed = false;
  double divide = 1;
  std::vector<double> mean;
  std::vector<double> deviation;
  static constexpr auto fields() {
    return std::tuple{
        Field{"reversed", &NormalizePixelsAttrs::reversed, "whether the last channel comes first: BGR of RGB"},
        Field{"divide", &NormalizePixelsAttrs::divide, "what values are divided by first"},
        Field{"mean", &NormalizePixelsAttrs::mean, "what is then taken off each channel of the result; none given: 0"},
        Field{"deviation", &NormalizePixelsAttrs::deviation,
              "what each channel of the result is then divided by; none given: 1"}};
  }
};

namespace ops {

/// Images as they are decoded, u8 [N, H, W, C], -> f32 [N, C, H, W]: (x / divide - mean) / deviation, each operation rounded to f32.
/// Not differentiable.
FCNGRAPH_API const OpDef& normalize_pixels();

}  // namespace ops
}  // namespace fcngraph
