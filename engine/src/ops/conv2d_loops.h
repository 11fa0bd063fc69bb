// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <vector>

#include <fcngraph/engine/ops/conv2d.h>

namespace fcngraph::ops {

/// The index arithmetic that convolution and its two gradients share.
struct ConvExtents {
  std::int64_t n, c, h, w;  ///< input
  std::int64_t o, oh, ow;   ///< output
  std::int64_t kh, kw, sh, sw, dh, dw, top, left;
  std::int64_t group_in, group_out;
};

inline ConvExtents conv_extents(const Shape& x, const Shape& y, const Window& win, std::int64_t groups) {
  const Pads pads = resolve_pads(win, x[2], x[3]);
  return {x[0],           x[1],         x[2],         x[3],          y[1],         y[2],
          y[3],           win.kernel.h, win.kernel.w, win.stride.h,  win.stride.w, win.dilation.h,
          win.dilation.w, pads.top,     pads.left,    x[1] / groups, y[1] / groups};
}

struct OutputPixel {
  std::int64_t image, channel, row, column, index;
};

template <class F>
void for_each_output(const ConvExtents& e, F f) {
  std::int64_t index = 0;
  for (std::int64_t n = 0; n < e.n; ++n) {
    for (std::int64_t o = 0; o < e.o; ++o) {
      for (std::int64_t i = 0; i < e.oh; ++i) {
        for (std::int64_t j = 0; j < e.ow; ++j) f(OutputPixel{n, o, i, j, index++});
      }
    }
  }
}

/// Calls f(index into x, index into weight) for every product that makes an output pixel; those that meet padding are left out.
template <class F>
void for_each_tap(const ConvExtents& e, const OutputPixel& p, F f) {
  const std::int64_t first = p.channel / e.group_out * e.group_in;
  for (std::int64_t c = 0; c < e.group_in; ++c) {
    for (std::int64_t a = 0; a < e.kh; ++a) {
      const std::int64_t y = p.row * e.sh + a * e.dh - e.top;
      if (y < 0 || y >= e.h) continue;
      for (std::int64_t b = 0; b < e.kw; ++b) {
        const std::int64_t x = p.column * e.sw + b * e.dw - e.left;
        if (x < 0 || x >= e.w) continue;
        f(((p.image * e.c + first + c) * e.h + y) * e.w + x, ((p.channel * e.group_in + c) * e.kh + a) * e.kw + b);
      }
    }
  }
}

/// Centre of output pixel (0, 0)'s window and the stride.
inline CoordMap window_map(const Window& win, std::int64_t height, std::int64_t width) {
  const Pads pads = resolve_pads(win, height, width);
  const Extent2 kernel = covered(win);
  return {static_cast<double>(win.stride.h), static_cast<double>(win.stride.w),
          static_cast<double>(kernel.h - 1) / 2 - static_cast<double>(pads.top),
          static_cast<double>(kernel.w - 1) / 2 - static_cast<double>(pads.left)};
}

/// Whether `grad_y` can be the gradient of this convolution's output and `filters` goes with it; reports when it cannot.
inline bool is_gradient_of_conv(const InferContext& c, const Conv2dGradAttrs& a, const Shape& grad_y,
                                std::int64_t filters) {
  if (const auto mistake = window_mistake(a.window()); !mistake.empty()) return c.error(mistake), false;
  const Extent2 out = window_output(a.window(), a.input.h, a.input.w);
  const bool fits =
      a.groups >= 1 && grad_y[1] == filters && filters % a.groups == 0 && grad_y[2] == out.h && grad_y[3] == out.w;
  if (!fits) c.error("a gradient of shape " + to_string(grad_y) + " does not go with these attributes");
  return fits;
}

/// Shapes that exercise every attribute of a convolution.
std::vector<OpCase> conv2d_cases();
/// The same shapes as cases of a gradient op; `result_is_input` picks conv2d_grad_input.
std::vector<OpCase> conv2d_gradient_cases(bool result_is_input);

}  // namespace fcngraph::ops
