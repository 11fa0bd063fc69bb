// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
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

/// The tensors of a convolution, or of a gradient of one.
struct ConvTypes {
  const TensorType* src;
  const TensorType* weight;
  const TensorType* dst;
  std::int64_t groups;
};

/// What is asked of oneDNN: everything as it lies, once that is final; data in a layout that is there already, the weights' left open; all left open;
/// all but the weights' (some formats of weights have no name); nothing.
struct Ask {
  enum class Kind { as_it_lies, data_in_tag, any, plain_weights, plain };
  Kind kind = Kind::any;
  std::string tag;
};
compat::ConvMemory memory_for(const Ask& ask, const ConvTypes& types);

/// The asks in the order in which they are made. `tags` are layouts that data has already: to follow them costs no reorder, and
/// oneDNN's kernels take channels last as well as blocked, while what they choose by themselves differs between a convolution and
/// its gradients.
std::vector<Ask> asks(const std::vector<std::string>& tags);

/// Whether an implementation is one that a layout may be kept for.
bool is_fast(std::string_view implementation);

/// The layouts of the first ask that oneDNN has formats with names for; empty where there is none. `make` makes a primitive
/// descriptor for an ask, `list` tells its tensors.
template <class Make, class List>
std::optional<std::vector<Layout>> negotiate(const StepView& step, const std::vector<std::string>& tags,
                                             const Make& make, const List& list) {
  const auto all = step.layouts_are_final ? std::vector<Ask>{{Ask::Kind::as_it_lies, {}}} : asks(tags);
  for (const Ask& ask : all) {
    const auto pd = make(ask);
    if (!pd || (ask.kind == Ask::Kind::data_in_tag && !is_fast(pd.impl_info_str()))) continue;
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
