// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/backend.h>
#include <fcngraph/engine/ops/window.h>

#include "layer.h"
#include "weights.h"

namespace fcngraph::onednn::winograd {

/// A 3x3 convolution or transposed convolution from `x` to `y`, or from the gradient of its result to the gradient of its data.
struct Pass {
  TensorType x, y;           ///< read and written, of this pass
  const TensorType* weight;  ///< OIHW of the convolution
  Direction direction = Direction::forward;
  Pads pads;    ///< at the border of x
  Extent2 sum;  ///< of the sums, before any pooling
  bool relu = false, pool = false;
};

/// The zeros around the data of a pass by the flipped kernel: every pixel of its result met the taps in reverse, so that what padding
/// cut off is cut off, and what it added is added.
Pads flipped(const Pads& pads);

/// Whether a window is one that Winograd's form knows.
bool has_form(const Window& window, std::int64_t groups);

/// What the loops see of a pass whose data suits them, in tiles of `tile` pixels on a side.
Layer layer_of(const Pass& pass, const Loops& loops, std::int64_t tile);

}  // namespace fcngraph::onednn::winograd
