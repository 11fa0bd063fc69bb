// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/node_order.h>

#include <algorithm>

namespace fcngraph {

void NodeOrder::insert(NodeId at, NodeId node) {
  const std::int32_t self = node.index + 1, next = at.index + 1;
  links_.resize(std::max(links_.size(), static_cast<std::size_t>(self) + 1));
  const std::int32_t previous = links_[next].previous;
  links_[self] = {previous, next};
  links_[previous].next = self;
  links_[next].previous = self;
  ++size_;
}

void NodeOrder::erase(NodeId node) {
  const Link link = links_[node.index + 1];
  links_[link.previous].next = link.next;
  links_[link.next].previous = link.previous;
  --size_;
}

void NodeOrder::assign(const std::vector<NodeId>& nodes) {
  links_.assign(1, {});
  size_ = 0;
  for (const NodeId node : nodes) insert({}, node);
}

}  // namespace fcngraph
