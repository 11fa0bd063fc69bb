// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <vector>

#include <fcngraph/engine/ops/conv2d_transpose.h>

namespace fcngraph::ops {

/// Calls f(index into x, index into weight, index into y) for every product that a transposed convolution from x to y
/// sums.
template <class F>
void for_each_product(const Shape& x, const Shape& y, const Window& win, std::int64_t groups, F f) {
  // The zeros of the convolution from y's size to x's are what this one cuts off.
  const Pads cut = resolve_pads(win, y[2], y[3]);
  const std::int64_t group_in = x[1] / groups, group_out = y[1] / groups;
  std::int64_t xi = 0;
  for (std::int64_t n = 0; n < x[0]; ++n) {
    for (std::int64_t c = 0; c < x[1]; ++c) {
      const std::int64_t first = c / group_in * group_out;
      for (std::int64_t i = 0; i < x[2]; ++i) {
        for (std::int64_t j = 0; j < x[3]; ++j, ++xi) {
          for (std::int64_t o = first; o < first + group_out; ++o) {
            const std::int64_t kernel = (o * group_in + c % group_in) * win.kernel.h * win.kernel.w;
            const std::int64_t plane = (n * y[1] + o) * y[2];
            for (std::int64_t a = 0; a < win.kernel.h; ++a) {
              const std::int64_t row = i * win.stride.h + a * win.dilation.h - cut.top;
              if (row < 0 || row >= y[2]) continue;
              for (std::int64_t b = 0; b < win.kernel.w; ++b) {
                const std::int64_t column = j * win.stride.w + b * win.dilation.w - cut.left;
                if (column < 0 || column >= y[3]) continue;
                f(xi, kernel + a * win.kernel.w + b, (plane + row) * y[3] + column);
              }
            }
          }
        }
      }
    }
  }
}

/// Shapes that exercise every attribute, of the op and of its two gradients.
std::vector<OpCase> conv2d_transpose_cases();
std::vector<OpCase> conv2d_transpose_gradient_cases(bool result_is_input);

}  // namespace fcngraph::ops
