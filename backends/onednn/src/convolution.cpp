// SPDX-License-Identifier: Apache-2.0
#include "convolution.h"

#include <algorithm>

namespace fcngraph::onednn {
namespace {

std::int64_t zeros_at_end(std::int64_t input, std::int64_t output, std::int64_t kernel, std::int64_t stride,
                          std::int64_t before, std::int64_t after) {
  return std::max(after, (output - 1) * stride + kernel - input - before);
}

}  // namespace

compat::Geometry geometry_of(const Window& window, Extent2 input, Extent2 output) {
  const Pads pads = resolve_pads(window, input.h, input.w);
  const Extent2 kernel = covered(window);
  return {{window.stride.h, window.stride.w},
          {window.dilation.h - 1, window.dilation.w - 1},
          {pads.top, pads.left},
          {zeros_at_end(input.h, output.h, kernel.h, window.stride.h, pads.top, pads.bottom),
           zeros_at_end(input.w, output.w, kernel.w, window.stride.w, pads.left, pads.right)}};
}

compat::ConvMemory memory_for(Ask ask, const TensorType& src, const TensorType& weight, std::int64_t groups, const TensorType& dst) {
  const auto pick = [&](const TensorType& type, std::int64_t g, bool plain) {
    return plain ? desc_of(with_layout(type, {}), g).value() : any_format(type, g);
  };
  return {pick(src, 1, ask == Ask::plain), pick(weight, groups, ask != Ask::any), {}, pick(dst, 1, ask == Ask::plain)};
}

std::optional<std::vector<Layout>> layouts_of(const std::vector<Chosen>& chosen) {
  std::vector<Layout> out;
  for (const Chosen& c : chosen) {
    if (c.type == nullptr) {
      out.emplace_back();
      continue;
    }
    auto layout = layout_of(c.desc, *c.type, c.groups);
    if (!layout) return std::nullopt;
    out.push_back(std::move(*layout));
  }
  return out;
}

}  // namespace fcngraph::onednn
