// SPDX-License-Identifier: Apache-2.0
#include "import/hdf5/links.h"

#include <utility>

#include "import/hdf5/dense.h"

namespace fcngraph::import::hdf5 {
namespace {

constexpr std::size_t kMostLinks = 100'000, kMostNodes = 100'000;
constexpr const char* kWhat = "a group";

/// The older form: a B-tree whose leaves are lists of names and addresses; the names are in a heap.
class SymbolTable {
 public:
  SymbolTable(const FileBytes& file, const Message& message) : file_(file) {
    Cursor cursor(file, message.bytes, kWhat);
    tree_ = cursor.u64();
    Cursor heap(file, file.at(cursor.u64(), 32, kWhat), kWhat);
    heap.expect("HEAP");
    heap.skip(4);
    const std::uint64_t size = heap.u64();
    heap.skip(8);
    names_ = file.at(heap.u64(), size, "the names of a group");
  }

  Links read() {
    read_node(tree_, -1);
    return std::move(links_);
  }

 private:
  /// `level` is what the node above expects, -1 at the root.
  void read_node(std::uint64_t address, int level) {
    Cursor cursor(file_, file_.from(address, kWhat), kWhat);
    cursor.expect("TREE");
    const int type = cursor.u8(), own_level = cursor.u8();
    if (type != 0 || (level >= 0 && own_level != level) || ++nodes_ > kMostNodes) cursor.fail();
    const std::size_t count = cursor.u16();
    cursor.skip(16);  // siblings
    for (std::size_t i = 0; i < count; ++i) {
      cursor.skip(8);  // the first name below
      const std::uint64_t child = cursor.u64();
      if (own_level > 0) {
        read_node(child, own_level - 1);
      } else {
        read_leaf(child);
      }
    }
  }

  void read_leaf(std::uint64_t address) {
    Cursor cursor(file_, file_.from(address, kWhat), kWhat);
    cursor.expect("SNOD\x01");
    cursor.skip(1);
    const std::size_t count = cursor.u16();
    if (++nodes_ > kMostNodes) cursor.fail();
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t name = cursor.u64(), object = cursor.u64();
      const bool is_soft = cursor.u32() == 2;
      cursor.skip(20);
      if (name >= names_.size() || links_.size() >= kMostLinks) cursor.fail();
      Cursor text(file_, names_.subspan(name), kWhat);
      links_[text.text(text.left())] = is_soft ? kUndefined : object;
    }
  }

  const FileBytes& file_;
  std::uint64_t tree_ = 0;
  std::span<const std::byte> names_;
  Links links_;
  std::size_t nodes_ = 0;
};

/// The newer form: a link is a message of the header.
void add_link(const FileBytes& file, std::span<const std::byte> message, Links& out) {
  Cursor cursor(file, message, "a link");
  if (cursor.u8() != 1) cursor.fail();
  const unsigned flags = cursor.u8();
  const bool is_hard = (flags & 0x08u) == 0 || cursor.u8() == 0;
  if ((flags & 0x04u) != 0) cursor.skip(8);  // order of creation
  if ((flags & 0x10u) != 0) cursor.skip(1);  // character set
  std::string name = cursor.text(cursor.number(std::size_t{1} << (flags & 3u)));
  out[std::move(name)] = is_hard ? cursor.u64() : kUndefined;
}

}  // namespace

Links read_links(const FileBytes& file, const ObjectHeader& group) {
  if (const auto* table = group.find(MessageType::symbol_table); table != nullptr)
    return SymbolTable(file, *table).read();
  Links out;
  for (const Message& message : group.messages) {
    if (message.type == MessageType::link) add_link(file, message.bytes, out);
  }
  if (const auto* info = group.find(MessageType::link_info); info != nullptr) {
    constexpr std::size_t kHash = 4;
    Cursor cursor(file, info->bytes, kWhat);
    cursor.skip(1);
    if ((cursor.u8() & 1u) != 0) cursor.skip(8);
    const std::uint64_t heap = cursor.u64(), index = cursor.u64();
    if (heap == kUndefined) return out;
    for (const auto message : read_dense(file, heap, index, kHash)) add_link(file, message, out);
  }
  return out;
}

}  // namespace fcngraph::import::hdf5
