// SPDX-License-Identifier: Apache-2.0
#include "pooling.h"

#include <string_view>

namespace fcngraph::onednn {
namespace {

constexpr std::string_view kWorkspace = "onednn.pool_workspace:";

}  // namespace

dnnl::pooling_forward::primitive_desc pooling_forward(const Pooling& p, const TensorType& x, const TensorType& y) {
  const auto from = desc_of(x), to = desc_of(y);
  if (!from || !to) return {};
  return compat::pooling(cpu_engine(), p.how, *from, *to, p.kernel, p.geometry,
                         p.training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference);
}

dnnl::pooling_backward::primitive_desc pooling_backward(const Pooling& p, const TensorType& grad_x,
                                                        const TensorType& grad_y) {
  const auto to = desc_of(grad_x), from = desc_of(grad_y);
  if (!from || !to) return {};
  Pooling forward = p;
  forward.training = true;
  return compat::pooling_backward(cpu_engine(), p.how, *to, *from, p.kernel, p.geometry,
                                  pooling_forward(forward, grad_x, grad_y));
}

bool overhangs(const Window& window, Extent2 input, Extent2 output) {
  const Pads pads = resolve_pads(window, input.h, input.w);
  return (output.h - 1) * window.stride.h + window.kernel.h > input.h + pads.top + pads.bottom ||
         (output.w - 1) * window.stride.w + window.kernel.w > input.w + pads.left + pads.right;
}

Layout workspace_layout(const dnnl::pooling_forward::primitive_desc& pd, const Layout& y) {
  return {std::string(kWorkspace) + y.tag, static_cast<std::int64_t>(pd.workspace_desc().get_size())};
}

std::optional<std::string> workspace_tag(const Layout& workspace) {
  if (!workspace.tag.starts_with(kWorkspace)) return std::nullopt;
  return workspace.tag.substr(kWorkspace.size());
}

}  // namespace fcngraph::onednn
