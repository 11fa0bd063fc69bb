// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <oneapi/dnnl/dnnl.hpp>

#include <fcngraph/engine/types.h>

namespace fcngraph::onednn {

/// The extents that oneDNN sees: those of the shape, but [groups, O/groups, I, h, w] for weights in more than one group.
dnnl::memory::dims dims_of(const Shape& shape, std::int64_t groups = 1);

/// A descriptor that lets oneDNN choose the format.
dnnl::memory::desc any_format(const TensorType& type, std::int64_t groups = 1);

/// The descriptor of a tensor as it lies. Plain weights need `groups` to be told; a tag carries its own. Empty where the tag is
/// none of oneDNN's, or the element type is none.
std::optional<dnnl::memory::desc> desc_of(const TensorType& type, std::int64_t groups = 1);

/// The layout of a descriptor that oneDNN chose for a tensor of `type`; empty where the format has no name (compensation,
/// Winograd's weights). Formats that are plain for these extents are plain.
std::optional<Layout> layout_of(const dnnl::memory::desc& desc, const TensorType& type, std::int64_t groups = 1);

/// The groups that a layout of weights was made with; 1 for every other.
std::int64_t groups_of(const Layout& layout);

/// The same tensor in another layout.
TensorType with_layout(const TensorType& type, Layout layout);

/// How the channels of an NCHW tensor lie: loops of ours that care about channels know these.
struct ChannelOrder {
  enum class Kind { plain, last, blocked };
  Kind kind = Kind::plain;
  std::int64_t block = 1;  ///< channels side by side in memory: 1, all of them, or the block
};
/// Empty for any other layout.
std::optional<ChannelOrder> channel_order(const TensorType& type);

/// Numbers in memory, padding included.
std::int64_t physical_elements(const TensorType& type);

}  // namespace fcngraph::onednn
