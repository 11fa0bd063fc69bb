// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/ops/window.h>

namespace fcngraph {

struct CropAttrs {
  Pads pads;
  static constexpr auto fields() { return std::tuple{Field{"pads", &CropAttrs::pads, "pixels cut off each side"}}; }
};

struct PadAttrs {
  Pads pads;
  double value = 0.0;
  static constexpr auto fields() {
    return std::tuple{Field{"pads", &PadAttrs::pads, "pixels added on each side"},
                      Field{"value", &PadAttrs::value, "what they hold"}};
  }
};

namespace ops {

/// x NCHW without `pads` pixels on each side; at least one pixel must be left. The gradient is `pad` with zeros.
/// With the operand `like`, the result has its height and width, and is cut out of x where the two lie over each other, as the
/// layers that made them from a common ancestor say (Caffe's crop offsets). Where that is, is for align_crops to find out: it
/// turns the operand into `pads`, and until then the op can neither run nor be differentiated.
FCNGRAPH_API const OpDef& crop();
/// x NCHW with `pads` pixels of `value` around it. The gradient is `crop`.
FCNGRAPH_API const OpDef& pad();

}  // namespace ops
}  // namespace fcngraph
