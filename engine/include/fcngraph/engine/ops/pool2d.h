// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/ops/window.h>

namespace fcngraph {

/// The window of a pooling op; a stride of 0 along an axis is the kernel's size.
FCNGRAPH_API Window pool_window(Extent2 kernel, Extent2 stride, Padding padding, const Pads& pads);

struct MaxPool2dAttrs {
  Extent2 kernel{2, 2};
  Extent2 stride{0, 0};
  Padding padding = Padding::valid;
  Pads pads;
  bool ceil = false;
  static constexpr auto fields() {
    return std::tuple{Field{"kernel", &MaxPool2dAttrs::kernel, "size of the window"},
                      Field{"stride", &MaxPool2dAttrs::stride, "step between windows; 0: the size of the window"},
                      Field{"padding", &MaxPool2dAttrs::padding, "how the window meets the border"},
                      Field{"pads", &MaxPool2dAttrs::pads, "border around the input, with padding = \"explicit\""},
                      Field{"ceil", &MaxPool2dAttrs::ceil, "keep a last window that ends outside of the input"}};
  }
  Window window() const { return pool_window(kernel, stride, padding, pads); }
};

/// The window's attributes, and the height and width of the pooling's input.
struct MaxPool2dGradAttrs {
  Extent2 kernel{2, 2};
  Extent2 stride{0, 0};
  Padding padding = Padding::valid;
  Pads pads;
  bool ceil = false;
  Extent2 input;
  static constexpr auto fields() {
    return std::tuple{Field{"kernel", &MaxPool2dGradAttrs::kernel, "size of the window"},
                      Field{"stride", &MaxPool2dGradAttrs::stride, "step between windows; 0: the size of the window"},
                      Field{"padding", &MaxPool2dGradAttrs::padding, "how the window meets the border"},
                      Field{"pads", &MaxPool2dGradAttrs::pads, "border around the input, with padding = \"explicit\""},
                      Field{"ceil", &MaxPool2dGradAttrs::ceil, "keep a last window that ends outside of the input"},
                      Field{"input", &MaxPool2dGradAttrs::input, "height and width of the pooling's input", true}};
  }
  Window window() const { return pool_window(kernel, stride, padding, pads); }
};

struct AvgPool2dAttrs {
  Extent2 kernel{2, 2};
  Extent2 stride{0, 0};
  Padding padding = Padding::valid;
  Pads pads;
  bool ceil = false;
  bool include_pad = false;
  static constexpr auto fields() {
    return std::tuple{Field{"kernel", &AvgPool2dAttrs::kernel, "size of the window"},
                      Field{"stride", &AvgPool2dAttrs::stride, "step between windows; 0: the size of the window"},
                      Field{"padding", &AvgPool2dAttrs::padding, "how the window meets the border"},
                      Field{"pads", &AvgPool2dAttrs::pads, "border around the input, with padding = \"explicit\""},
                      Field{"ceil", &AvgPool2dAttrs::ceil, "keep a last window that ends outside of the input"},
                      Field{"include_pad", &AvgPool2dAttrs::include_pad, "count the border's zeros as pixels"}};
  }
  Window window() const { return pool_window(kernel, stride, padding, pads); }
};

/// The window's attributes, and the height and width of the pooling's input.
struct AvgPool2dGradAttrs {
  Extent2 kernel{2, 2};
  Extent2 stride{0, 0};
  Padding padding = Padding::valid;
  Pads pads;
  bool ceil = false;
  bool include_pad = false;
  Extent2 input;
  static constexpr auto fields() {
    return std::tuple{Field{"kernel", &AvgPool2dGradAttrs::kernel, "size of the window"},
                      Field{"stride", &AvgPool2dGradAttrs::stride, "step between windows; 0: the size of the window"},
                      Field{"padding", &AvgPool2dGradAttrs::padding, "how the window meets the border"},
                      Field{"pads", &AvgPool2dGradAttrs::pads, "border around the input, with padding = \"explicit\""},
                      Field{"ceil", &AvgPool2dGradAttrs::ceil, "keep a last window that ends outside of the input"},
                      Field{"include_pad", &AvgPool2dGradAttrs::include_pad, "count the border's zeros as pixels"},
                      Field{"input", &AvgPool2dGradAttrs::input, "height and width of the pooling's input", true}};
  }
  Window window() const { return pool_window(kernel, stride, padding, pads); }
};

namespace ops {

/// (x NCHW) -> (y, indices). y is the largest value of each window; NaN wins over every number; the border takes no
/// part. `indices` is i32, shaped like y: h * W + w of the first such pixel in its input plane. A backend may store
/// something of its own there, so nobody but max_pool2d_grad may read it. Pads must be smaller than the kernel: no
/// window lies in the border alone. With `ceil`, output sizes are Caffe's: rounded up, but no window starts in the
/// border at the end.
FCNGRAPH_API const OpDef& max_pool2d();
/// (grad_y, indices) -> grad_x: each output's gradient goes to the pixel that it came from.
FCNGRAPH_API const OpDef& max_pool2d_grad();

/// y = mean of each window, NCHW. The mean is over the input's pixels in the window; with `include_pad` over those
/// and the border's, but not over what lies beyond the border (a last window kept by `ceil`), as in Caffe.
FCNGRAPH_API const OpDef& avg_pool2d();
/// (grad_y) -> grad_x
FCNGRAPH_API const OpDef& avg_pool2d_grad();

}  // namespace ops
}  // namespace fcngraph
