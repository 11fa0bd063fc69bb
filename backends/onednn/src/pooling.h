// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "convolution.h"
#include "kernel_def.h"

namespace fcngraph::onednn {

/// A pooling on its way forward or back: x (or its gradient) to y (or its gradient).
struct Pooling {
  dnnl::algorithm how;
  dnnl::memory::dims kernel;
  compat::Geometry geometry;
  bool training = false;  ///< max only: keeps what the gradient needs
};

/// The descriptor for x in a layout and y in the same; empty where oneDNN has none.
dnnl::pooling_forward::primitive_desc pooling_forward(const Pooling& pooling, const TensorType& x, const TensorType& y);
dnnl::pooling_backward::primitive_desc pooling_backward(const Pooling& pooling, const TensorType& grad_x,
                                                        const TensorType& grad_y);

/// Whether a window ends beyond the border, as ceil mode lets it: oneDNN's mean with the border counted would count that too.
bool overhangs(const Window& window, Extent2 input, Extent2 output);
inline constexpr const char* kOverhang = "oneDNN would count what lies beyond the border";

/// max_pool2d's second result is oneDNN's workspace, whose form goes with the layout of y: its tag ends in that layout's.
Layout workspace_layout(const dnnl::pooling_forward::primitive_desc& pd, const Layout& y);
/// The layout of y that a workspace was made for; empty when it is no workspace.
std::optional<std::string> workspace_tag(const Layout& workspace);

}  // namespace fcngraph::onednn
