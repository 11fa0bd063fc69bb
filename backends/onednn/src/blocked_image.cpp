// SPDX-License-Identifier: Apache-2.0
#include "blocked_image.h"

#include "layout.h"

namespace fcngraph::onednn {

BlockedImage blocked_image(const TensorType& type) {
  const ChannelOrder order = channel_order(type).value();
  BlockedImage image;
  image.height = type.shape[2];
  image.width = type.shape[3];
  image.block = order.block;
  image.channels = (type.shape[1] + order.block - 1) / order.block * order.block;
  image.block_stride = image.height * image.width * image.block;
  image.image_stride = image.height * image.width * image.channels;
  return image;
}

bool lies_in_vectors(const TensorType& type, std::int64_t lanes) {
  const auto order = channel_order(type);
  return order && order->kind != ChannelOrder::Kind::plain && order->block % lanes == 0;
}

std::string vector_tag(const TensorType& type, const TensorType& partner, std::int64_t lanes) {
  const std::string& tag = type.layout.tag;
  if (!tag.empty() && lies_in_vectors(type, lanes) && lies_in_vectors(in_tag(partner, tag), lanes)) return tag;
  return lanes == 16 ? "aBcd16b" : "aBcd8b";
}

}  // namespace fcngraph::onednn
