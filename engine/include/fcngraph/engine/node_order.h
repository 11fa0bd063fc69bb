// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include <fcngraph/engine/export.h>

namespace fcngraph {

/// Index of a node in its graph; stays valid whatever is inserted or erased.
struct NodeId {
  std::int32_t index = -1;
  bool valid() const noexcept { return index >= 0; }
  auto operator<=>(const NodeId&) const = default;
};

/// The live nodes of a graph in execution order: a linked list, so that inserting and erasing cost the same in a graph of any size.
/// Read it as a range, or copy it into a vector; an iterator outlives changes elsewhere in the list.
class FCNGRAPH_API NodeOrder {
  // Element 0 is the end of the list, element i + 1 is node i.
  struct Link {
    std::int32_t previous = 0;
    std::int32_t next = 0;
  };

 public:
  class iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = NodeId;
    using difference_type = std::ptrdiff_t;
    using pointer = const NodeId*;
    using reference = NodeId;

    iterator() = default;
    iterator(const std::vector<Link>* links, std::int32_t at) : links_(links), at_(at) {}
    NodeId operator*() const { return {at_ - 1}; }
    iterator& operator++() { return at_ = (*links_)[static_cast<std::size_t>(at_)].next, *this; }
    iterator& operator--() { return at_ = (*links_)[static_cast<std::size_t>(at_)].previous, *this; }
    iterator operator++(int) { return std::exchange(*this, std::next(*this)); }
    iterator operator--(int) { return std::exchange(*this, std::prev(*this)); }
    bool operator==(const iterator& other) const { return at_ == other.at_; }

   private:
    const std::vector<Link>* links_ = nullptr;
    std::int32_t at_ = 0;
  };
  using const_iterator = iterator;
  using value_type = NodeId;

  NodeOrder() : links_(1) {}

  iterator begin() const { return {&links_, links_[0].next}; }
  iterator end() const { return {&links_, 0}; }
  auto rbegin() const { return std::reverse_iterator(end()); }
  auto rend() const { return std::reverse_iterator(begin()); }
  NodeId front() const { return *begin(); }
  NodeId back() const { return *--end(); }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  operator std::vector<NodeId>() const { return {begin(), end()}; }

  /// Puts a node that is not in the list before `at`; before nothing means last.
  void insert(NodeId at, NodeId node);
  void erase(NodeId node);
  void assign(const std::vector<NodeId>& nodes);

 private:
  std::vector<Link> links_;
  std::size_t size_ = 0;
};

}  // namespace fcngraph
