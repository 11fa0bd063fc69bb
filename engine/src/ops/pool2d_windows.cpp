// SPDX-License-Identifier: Apache-2.0
#include "pool2d_windows.h"

#include "operand_checks.h"

namespace fcngraph {

Window pool_window(Extent2 kernel, Extent2 stride, Padding padding, const Pads& pads) {
  if (stride.h == 0) stride.h = kernel.h;
  if (stride.w == 0) stride.w = kernel.w;
  return {kernel, stride, {1, 1}, padding, pads};
}

namespace ops {
namespace {

/// A sentence on what is wrong with the window of a pooling, or empty.
std::string pool_mistake(const Window& w) {
  if (auto mistake = window_mistake(w); !mistake.empty()) return mistake;
  if (std::max(w.pads.top, w.pads.bottom) >= w.kernel.h || std::max(w.pads.left, w.pads.right) >= w.kernel.w) {
    return "pads are expected to be smaller than the kernel of " + extent_text(w.kernel.h, w.kernel.w);
  }
  return {};
}

}  // namespace

std::vector<TensorType> infer_pool(const InferContext& c, const Window& window, bool ceil) {
  if (!expect_features(c, 0)) return {};
  if (const auto mistake = pool_mistake(window); !mistake.empty()) return refuse(c, mistake);
  const auto& x = c.operand(0);
  const Extent2 out = window_output(window, x.shape[2], x.shape[3], ceil);
  if (out.h < 1 || out.w < 1) {
    return refuse(c, "a window of " + extent_text(window.kernel.h, window.kernel.w) +
                         " does not fit into an input of " + extent_text(x.shape[2], x.shape[3]) + " pixels");
  }
  return {plain(x.dtype, {x.shape[0], x.shape[1], out.h, out.w})};
}

std::vector<TensorType> infer_pool_grad(const InferContext& c, const Window& window, bool ceil, Extent2 input) {
  if (!expect_features(c, 0)) return {};
  if (const auto mistake = pool_mistake(window); !mistake.empty()) return refuse(c, mistake);
  const auto& grad_y = c.operand(0);
  const Extent2 out = window_output(window, input.h, input.w, ceil);
  if (input.h < 1 || input.w < 1 || out != Extent2{grad_y.shape[2], grad_y.shape[3]}) {
    return refuse(c, "expected a gradient of " + extent_text(out.h, out.w) + " pixels, got " + to_string(grad_y));
  }
  return {plain(grad_y.dtype, {grad_y.shape[0], grad_y.shape[1], input.h, input.w})};
}

Shape PoolCase::y() const {
  const Extent2 out = window_output(pool_window(kernel, stride, padding, pads), x[2], x[3], ceil);
  return {x[0], x[1], out.h, out.w};
}

std::vector<PoolCase> pool_cases() {
  return {
      {"halve", {2, 3, 6, 8}},
      {"halve_odd", {1, 16, 7, 9}},
      {"ceil_odd", {2, 3, 7, 5}, {2, 2}, {0, 0}, Padding::valid, {}, true},
      {"overlap_same", {1, 4, 7, 6}, {3, 3}, {2, 2}, Padding::same},
      {"tall_explicit", {2, 2, 6, 5}, {3, 2}, {1, 2}, Padding::explicit_pads, {1, 1, 2, 0}},
      {"ceil_explicit", {1, 3, 6, 7}, {3, 3}, {2, 3}, Padding::explicit_pads, {1, 1, 1, 1}, true},
      {"stride_over_kernel", {1, 2, 7, 8}, {2, 1}, {3, 3}},
      {"global", {2, 5, 3, 4}, {3, 4}},
      {"one_pixel", {1, 1, 1, 1}, {2, 2}, {0, 0}, Padding::same},
  };
}

}  // namespace ops
}  // namespace fcngraph
