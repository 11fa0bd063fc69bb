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
/// Winograd's weights). Formats that are plain for these extents are plain; those of bf16 for a `type` of f32 say so in their tag.
std::optional<Layout> layout_of(const dnnl::memory::desc& desc, const TensorType& type, std::int64_t groups = 1);

/// Whether weights, of f32 by their type, are stored as bf16 in it: "bf16:acdb".
bool stores_bf16(const Layout& layout);

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

/// Whether `channels` channels from `first` on are one piece of memory for each image: always in plain layout, in blocked ones
/// where both are multiples of the block, never with the channels last.
bool is_contiguous(const TensorType& type, std::int64_t first, std::int64_t channels);

/// `type` in the layout called `tag`, with that layout's bytes; plain where the tag is empty or does not suit it.
TensorType in_tag(const TensorType& type, const std::string& tag);

/// Numbers in memory, padding included.
std::int64_t physical_elements(const TensorType& type);

}  // namespace fcngraph::onednn
