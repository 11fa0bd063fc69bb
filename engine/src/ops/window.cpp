// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/window.h>

#include <algorithm>

namespace fcngraph {
namespace {

std::int64_t same_total(std::int64_t input, std::int64_t kernel, std::int64_t stride) {
  const std::int64_t output = (input + stride - 1) / stride;
  return std::max<std::int64_t>((output - 1) * stride + kernel - input, 0);
}

std::int64_t steps(std::int64_t padded, std::int64_t kernel, std::int64_t stride, std::int64_t last_start, bool ceil) {
  if (padded < kernel) return ceil && padded > 0 ? 1 : 0;
  if (!ceil) return (padded - kernel) / stride + 1;
  std::int64_t count = (padded - kernel + stride - 1) / stride + 1;
  // A window that would start in the padding at the end is dropped, as in Caffe.
  if ((count - 1) * stride >= last_start) --count;
  return count;
}

}  // namespace

Extent2 covered(const Window& window) {
  return {checked_add(checked_mul(window.kernel.h - 1, window.dilation.h), 1),
          checked_add(checked_mul(window.kernel.w - 1, window.dilation.w), 1)};
}

Pads resolve_pads(const Window& window, std::int64_t height, std::int64_t width) {
  switch (window.padding) {
    case Padding::valid:
      return {};
    case Padding::explicit_pads:
      return window.pads;
    case Padding::same:
      break;
  }
  const Extent2 kernel = covered(window);
  const std::int64_t h = same_total(height, kernel.h, window.stride.h);
  const std::int64_t w = same_total(width, kernel.w, window.stride.w);
  return {h / 2, w / 2, h - h / 2, w - w / 2};
}

Extent2 window_output(const Window& window, std::int64_t height, std::int64_t width, bool ceil) {
  const Pads pads = resolve_pads(window, height, width);
  const Extent2 kernel = covered(window);
  return {steps(checked_add(height, checked_add(pads.top, pads.bottom)), kernel.h, window.stride.h, height + pads.top,
                ceil),
          steps(checked_add(width, checked_add(pads.left, pads.right)), kernel.w, window.stride.w, width + pads.left,
                ceil)};
}

std::string window_mistake(const Window& w) {
  constexpr std::int64_t kLargest = std::int64_t{1} << 31;
  for (const Extent2 e : {w.kernel, w.stride, w.dilation}) {
    if (e.h < 1 || e.w < 1 || e.h > kLargest || e.w > kLargest)
      return "kernel, stride and dilation are expected to be from 1 to 2^31";
  }
  for (const std::int64_t p : {w.pads.top, w.pads.left, w.pads.bottom, w.pads.right}) {
    if (p < 0 || p > kLargest) return "pads are expected to be from 0 to 2^31";
  }
  if (w.padding != Padding::explicit_pads && w.pads != Pads{}) return "pads are given, but padding is not \"explicit\"";
  return {};
}

}  // namespace fcngraph
