// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <fcngraph/engine/types.h>

namespace fcngraph::onednn {

/// Where the numbers of an NCHW tensor lie whose channels are in blocks (aBcd8b, aBcd16b) or last (acdb: one block). Offsets are in
/// numbers.
struct BlockedImage {
  std::int64_t height = 0, width = 0;
  std::int64_t channels = 0;  ///< in memory, with those that only fill the last block
  std::int64_t block = 1;     ///< channels side by side
  std::int64_t block_stride = 0, image_stride = 0;

  /// Of the first pixel of channels `channel` onwards; pixels are `block` numbers apart.
  std::int64_t offset(std::int64_t image, std::int64_t channel) const {
    return image * image_stride + channel / block * block_stride + channel % block;
  }
};

/// Channels filled up to a multiple of 16, the widest block of data: so our packed weights are, whatever the data's block.
constexpr std::int64_t filled_channels(std::int64_t channels) { return (channels + 15) / 16 * 16; }

/// Of a tensor that lies so.
BlockedImage blocked_image(const TensorType& type);

/// Whether a tensor lies in blocks of whole vectors of `lanes` numbers.
bool lies_in_vectors(const TensorType& type, std::int64_t lanes);

/// The layout in which a tensor and its partner lie in whole vectors: that of the first where it does, else what oneDNN's
/// convolutions take.
std::string vector_tag(const TensorType& type, const TensorType& partner, std::int64_t lanes);

}  // namespace fcngraph::onednn
