// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <vector>

#include <fcngraph/engine/ops/pool2d.h>

namespace fcngraph::ops {

/// The type that pooling operand 0 with this window yields; none, and a report, where the window does not fit.
std::vector<TensorType> infer_pool(const InferContext& c, const Window& window, bool ceil);
/// The type of the gradient: operand 0's (grad_y) with the input's height and width, when that input yields grad_y's
/// size.
std::vector<TensorType> infer_pool_grad(const InferContext& c, const Window& window, bool ceil, Extent2 input);

/// One window: which plane (image and channel) and output element it belongs to, and its pixels inside the input.
struct PoolWindow {
  std::int64_t plane, index;
  std::int64_t top, bottom, left, right;  ///< half-open, clipped to the input
  std::int64_t padded_area;               ///< pixels inside the input and its border
};

/// Calls f for each window of pooling x to y, in the order of y's elements.
template <class F>
void for_each_window(const Shape& x, const Shape& y, const Window& window, F f) {
  const Pads pads = resolve_pads(window, x[2], x[3]);
  std::int64_t index = 0;
  for (std::int64_t plane = 0; plane < y[0] * y[1]; ++plane) {
    for (std::int64_t i = 0; i < y[2]; ++i) {
      const std::int64_t top = i * window.stride.h - pads.top;
      const std::int64_t bottom = std::min(top + window.kernel.h, x[2] + pads.bottom);
      for (std::int64_t j = 0; j < y[3]; ++j) {
        const std::int64_t left = j * window.stride.w - pads.left;
        const std::int64_t right = std::min(left + window.kernel.w, x[3] + pads.right);
        f(PoolWindow{plane, index++, std::max<std::int64_t>(top, 0), std::min(bottom, x[2]),
                     std::max<std::int64_t>(left, 0), std::min(right, x[3]), (bottom - top) * (right - left)});
      }
    }
  }
}

/// A pooling that the cases of all four ops are made of.
struct PoolCase {
  const char* name;
  Shape x;
  Extent2 kernel{2, 2};
  Extent2 stride{0, 0};
  Padding padding = Padding::valid;
  Pads pads;
  bool ceil = false;
  Shape y() const;
};
std::vector<PoolCase> pool_cases();

}  // namespace fcngraph::ops
