// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/ops/window.h>

namespace fcngraph {

/// What a convolution does to its sum before it is stored, in this order: bias, addend, ReLU, max pooling of 2x2 pixels (an odd
/// last row or column is dropped).
enum class Epilogue : std::uint8_t { none, relu, add, add_relu, relu_max_pool };
template <>
struct EnumNames<Epilogue> {
  static constexpr std::array names{"none", "relu", "add", "add_relu", "relu_max_pool"};
};

struct Conv2dAttrs {
  std::int64_t filters = 0;
  Extent2 kernel{1, 1};
  Extent2 stride{1, 1};
  Extent2 dilation{1, 1};
  std::int64_t groups = 1;
  Padding padding = Padding::same;
  Pads pads;
  Epilogue epilogue = Epilogue::none;
  static constexpr auto fields() {
    return std::tuple{
        Field{"filters", &Conv2dAttrs::filters, "number of output channels", true},
        Field{"kernel", &Conv2dAttrs::kernel, "size of the kernel"},
        Field{"stride", &Conv2dAttrs::stride, "step between windows"},
        Field{"dilation", &Conv2dAttrs::dilation, "distance between the kernel's taps"},
        Field{"groups", &Conv2dAttrs::groups, "number of groups that channels are split into"},
        Field{"padding", &Conv2dAttrs::padding, "how the window meets the border"},
        Field{"pads", &Conv2dAttrs::pads, "zeros around the input, with padding = \"explicit\""},
        Field{"epilogue", &Conv2dAttrs::epilogue, "what happens to the sum before it is stored; set by fusion"}};
  }
  Window window() const { return {kernel, stride, dilation, padding, pads}; }
};

/// Attributes of the two gradients: the window's, and the height and width of the convolution's input.
struct Conv2dGradAttrs {
  Extent2 kernel{1, 1};
  Extent2 stride{1, 1};
  Extent2 dilation{1, 1};
  std::int64_t groups = 1;
  Padding padding = Padding::same;
  Pads pads;
  Extent2 input;
  static constexpr auto fields() {
    return std::tuple{Field{"kernel", &Conv2dGradAttrs::kernel, "size of the kernel"},
                      Field{"stride", &Conv2dGradAttrs::stride, "step between windows"},
                      Field{"dilation", &Conv2dGradAttrs::dilation, "distance between the kernel's taps"},
                      Field{"groups", &Conv2dGradAttrs::groups, "number of groups that channels are split into"},
                      Field{"padding", &Conv2dGradAttrs::padding, "how the window meets the border"},
                      Field{"pads", &Conv2dGradAttrs::pads, "zeros around the input, with padding = \"explicit\""},
                      Field{"input", &Conv2dGradAttrs::input, "height and width of the convolution's input", true}};
  }
  Window window() const { return {kernel, stride, dilation, padding, pads}; }
};

/// The convolution `conv` on an input of this height and width, as its gradients see it.
FCNGRAPH_API Conv2dGradAttrs gradient_attrs(const Conv2dAttrs& conv, std::int64_t height, std::int64_t width);

namespace ops {

/// y[n,o,i,j] = bias[o] + sum over c, a, b of x[n,c,i*s+a*d-p,j*s+b*d-p] * weight[o,c,a,b] (a cross-correlation, as everywhere in
/// the field). x NCHW, weight OIHW with I = C / groups, bias [O], addend like y.
FCNGRAPH_API const OpDef& conv2d();
/// (grad_y, weight) -> grad_x
FCNGRAPH_API const OpDef& conv2d_grad_input();
/// (x, grad_y) -> grad_weight
FCNGRAPH_API const OpDef& conv2d_grad_weight();
/// (grad_y NCHW) -> [C]: sums over images and pixels, the gradient of a bias.
FCNGRAPH_API const OpDef& sum_to_channels();

}  // namespace ops
}  // namespace fcngraph
