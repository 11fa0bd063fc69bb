// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/ops/window.h>

namespace fcngraph {

struct Conv2dTransposeAttrs {
  std::int64_t filters = 0;
  Extent2 kernel{1, 1};
  Extent2 stride{1, 1};
  Extent2 dilation{1, 1};
  std::int64_t groups = 1;
  Padding padding = Padding::same;
  Pads pads;
  static constexpr auto fields() {
    return std::tuple{
        Field{"filters", &Conv2dTransposeAttrs::filters, "number of output channels", true},
        Field{"kernel", &Conv2dTransposeAttrs::kernel, "size of the kernel"},
        Field{"stride", &Conv2dTransposeAttrs::stride, "distance in the output between neighbours of the input"},
        Field{"dilation", &Conv2dTransposeAttrs::dilation, "distance between the kernel's taps"},
        Field{"groups", &Conv2dTransposeAttrs::groups, "number of groups that channels are split into"},
        Field{"padding", &Conv2dTransposeAttrs::padding, "how much of the full output is kept"},
        Field{"pads", &Conv2dTransposeAttrs::pads, "pixels cut off the full output, with padding = \"explicit\""}};
  }
  Window window() const { return {kernel, stride, dilation, padding, pads}; }
};

/// Attributes of the two gradients. The input's size follows from the output's.
struct Conv2dTransposeGradAttrs {
  Extent2 kernel{1, 1};
  Extent2 stride{1, 1};
  Extent2 dilation{1, 1};
  std::int64_t groups = 1;
  Padding padding = Padding::same;
  Pads pads;
  static constexpr auto fields() {
    return std::tuple{
        Field{"kernel", &Conv2dTransposeGradAttrs::kernel, "size of the kernel"},
        Field{"stride", &Conv2dTransposeGradAttrs::stride, "distance in the output between neighbours of the input"},
        Field{"dilation", &Conv2dTransposeGradAttrs::dilation, "distance between the kernel's taps"},
        Field{"groups", &Conv2dTransposeGradAttrs::groups, "number of groups that channels are split into"},
        Field{"padding", &Conv2dTransposeGradAttrs::padding, "how much of the full output is kept"},
        Field{"pads", &Conv2dTransposeGradAttrs::pads, "pixels cut off the full output, with padding = \"explicit\""}};
  }
  Window window() const { return {kernel, stride, dilation, padding, pads}; }
};

/// Height and width that a transposed convolution makes of an input of this height and width: `same`: input * stride;
/// `valid`: the full output, (input - 1) * stride + covered kernel; `explicit`: the full output less `pads` (under 1
/// where nothing is left). Throws GraphError on overflow.
FCNGRAPH_API Extent2 transposed_output(const Window& window, std::int64_t height, std::int64_t width);

namespace ops {

/// y[n,o,i*s+a*d-p,j*s+b*d-q] = bias[o] + sum of x[n,c,i,j] * weight[o,c,a,b]: the gradient, with respect to its
/// input, of the convolution with the same window from y's size to x's. x NCHW; weight OIHW with O = filters (output
/// channels) and I = C / groups; bias [O].
///
/// `same` makes exactly input * stride pixels (Keras). Per axis max(covered - stride, 0) pixels of the full output
/// are cut off, half of them (rounded down) before and the rest after, which is where TensorFlow's `same` convolution
/// on input * stride pixels puts its zeros. Where the covered kernel is smaller than the stride nothing is cut, and
/// the last stride - covered pixels, which no tap reaches, are the bias.
FCNGRAPH_API const OpDef& conv2d_transpose();
/// (grad_y, weight) -> grad_x
FCNGRAPH_API const OpDef& conv2d_transpose_grad_input();
/// (x, grad_y) -> grad_weight
FCNGRAPH_API const OpDef& conv2d_transpose_grad_weight();

}  // namespace ops
}  // namespace fcngraph
