// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <fcngraph/engine/backend.h>
#include <fcngraph/engine/ops/window.h>

#include "compat.h"
#include "layout.h"

namespace fcngraph::onednn {

/// oneDNN's words for a window that maps `input` to `output` (heights and widths). The zeros at the end are what the output
/// needs: fewer than the window says never matter, more are the overhang of ceil mode.
compat::Geometry geometry_of(const Window& window, Extent2 input, Extent2 output);

/// Height and width of an NCHW tensor.
inline Extent2 extent_of(const TensorType& type) { return {type.shape[2], type.shape[3]}; }

/// "onednn:jit:avx512_core"
template <class Desc>
std::string kernel_name(const Desc& pd) {
  return std::string("onednn:") + pd.impl_info_str();
}

/// The layout of one tensor of a primitive: what was asked, and what came of it.
struct Chosen {
  dnnl::memory::desc desc;
  const TensorType* type = nullptr;
  std::int64_t groups = 1;
};

/// The layouts of the descriptors, or nothing when one of them has no name.
std::optional<std::vector<Layout>> layouts_of(const std::vector<Chosen>& chosen);

/// How much is left to oneDNN: all formats, all but the weights' (of which some have no name), none.
enum class Ask { any, plain_weights, plain };

/// Descriptors of a convolution's tensors for an ask.
compat::ConvMemory memory_for(Ask ask, const TensorType& src, const TensorType& weight, std::int64_t groups, const TensorType& dst);

/// Asks oneDNN for less and less freedom until the formats that it chooses all have names. `make` makes a primitive descriptor,
/// `list` tells its tensors. Empty where there is none.
template <class Make, class List>
std::optional<std::vector<Layout>> negotiate(const Make& make, const List& list) {
  for (const Ask ask : {Ask::any, Ask::plain_weights, Ask::plain}) {
    const auto pd = make(ask);
    if (!pd) continue;
    if (auto layouts = layouts_of(list(pd))) return layouts;
  }
  return std::nullopt;
}

/// The answer of a primitive descriptor made of the layouts that were negotiated.
template <class Desc>
void describe(Capability& answer, const Desc& pd) {
  answer.supported = true;
  answer.kernel = kernel_name(pd);
  answer.workspace = static_cast<std::int64_t>(pd.scratchpad_desc().get_size());
}

}  // namespace fcngraph::onednn
