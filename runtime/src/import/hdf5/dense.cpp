// SPDX-License-Identifier: Apache-2.0
#include "import/hdf5/dense.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace fcngraph::import::hdf5 {
namespace {

constexpr std::size_t kMostRecords = 100'000, kMostNodes = 100'000, kMostColumns = 64;

/// Bytes that a number up to `most` takes.
std::size_t bytes_for(std::uint64_t most) {
  return most == 0 ? 1 : static_cast<std::size_t>(std::bit_width(most) + 7) / 8;
}

/// Objects in blocks whose sizes double from row to row of a table; the blocks in turn may hold tables.
class FractalHeap {
 public:
  FractalHeap(const FileBytes& file, std::uint64_t address) : file_(file) {
    Cursor cursor(file, file.from(address, kWhat), kWhat);
    cursor.expect(std::string_view("FRHP\0", 5));
    cursor.skip(2);
    if (cursor.u16() != 0) cursor.fail();  // filters
    cursor.skip(1);
    const std::uint64_t most_managed = cursor.u32();
    cursor.skip(12 * 8);  // counts
    width_ = cursor.u16();
    first_block_ = cursor.u64();
    const std::uint64_t largest_block = cursor.u64();
    const unsigned bits = cursor.u16();
    cursor.skip(2);
    root_ = cursor.u64();
    rows_ = cursor.u16();
    if (width_ == 0 || width_ > kMostColumns || !std::has_single_bit(first_block_) ||
        !std::has_single_bit(largest_block) || largest_block < first_block_ || bits == 0 || bits > 64 || rows_ > 64)
      cursor.fail();
    direct_rows_ = log2(largest_block) - log2(first_block_) + 2;
    offset_bytes_ = (bits + 7) / 8;
    length_bytes_ = std::min<std::size_t>((log2(largest_block) + 7) / 8, bytes_for(most_managed));
  }

  /// `id` is what a record says of the object.
  std::span<const std::byte> object(std::span<const std::byte> id) const {
    Cursor cursor(file_, id, kWhat);
    if ((cursor.u8() & 0xf0u) != 0) cursor.fail();  // too large for the heap's blocks
    const std::uint64_t offset = cursor.number(offset_bytes_), length = cursor.number(length_bytes_);
    if (rows_ > 0) return in_table(root_, 0, rows_, offset, length);
    return in_block(root_, first_block_, offset, length);
  }

 private:
  static constexpr const char* kWhat = "the heap of a group";

  static unsigned log2(std::uint64_t value) { return static_cast<unsigned>(std::bit_width(value)) - 1; }
  [[noreturn]] void fail() const { file_.fail("is damaged: the heap of a group cannot be read"); }

  std::span<const std::byte> in_block(std::uint64_t address, std::uint64_t size, std::uint64_t offset,
                                      std::uint64_t length) const {
    if (address == kUndefined || offset > size || length > size - offset) fail();
    return file_.at(address, size, kWhat).subspan(offset, length);
  }

  /// A table of `rows` rows that covers the heap from `start` on.
  std::span<const std::byte> in_table(std::uint64_t address, std::uint64_t start, unsigned rows, std::uint64_t offset,
                                      std::uint64_t length) const {
    if (address == kUndefined) fail();
    Cursor cursor(file_, file_.from(address, kWhat), kWhat);
    cursor.expect(std::string_view("FHIB\0", 5));
    cursor.skip(8 + offset_bytes_);
    for (unsigned row = 0; row < rows; ++row) {
      const unsigned doublings = row < 2 ? 0 : row - 1;
      if (log2(first_block_) + doublings > 62) fail();
      const std::uint64_t size = first_block_ << doublings;
      for (std::uint64_t column = 0; column < width_; ++column, start += size) {
        const std::uint64_t child = cursor.u64();
        if (offset < start) fail();
        if (offset - start >= size) continue;
        if (row < direct_rows_) return in_block(child, size, offset - start, length);
        // A table in a table is smaller than it: this ends.
        const unsigned below = log2(size) - log2(first_block_) - log2(width_) + 1;
        if (below == 0 || below > row) fail();
        return in_table(child, start, below, offset, length);
      }
    }
    fail();
  }

  const FileBytes& file_;
  std::uint64_t width_ = 0, first_block_ = 0, root_ = 0;
  unsigned rows_ = 0, direct_rows_ = 0;
  std::size_t offset_bytes_ = 0, length_bytes_ = 0;
};

/// Hands out the records of a B-tree of version 2.
class RecordTree {
 public:
  RecordTree(const FileBytes& file, std::uint64_t address) : file_(file) {
    Cursor cursor(file, file.from(address, kWhat), kWhat);
    cursor.expect(std::string_view("BTHD\0", 5));
    cursor.skip(1);
    const std::uint64_t node = cursor.u32();
    record_ = cursor.u16();
    const unsigned depth = cursor.u16();
    cursor.skip(2);
    const std::uint64_t root = cursor.u64(), count = cursor.u16();
    if (record_ == 0 || node < kFrame + record_ || depth > 16) cursor.fail();
    // How many bytes the counts beside each pointer take follows from how many records there may be.
    const std::uint64_t most_in_leaf = (node - kFrame) / record_;
    count_bytes_ = bytes_for(most_in_leaf);
    std::uint64_t most_below = most_in_leaf;
    below_bytes_.push_back(0);
    for (unsigned level = 1; level <= depth; ++level) {
      const std::uint64_t pointer = 8 + count_bytes_ + below_bytes_.back();
      if (node < kFrame + pointer) cursor.fail();
      const std::uint64_t most = (node - kFrame - pointer) / (record_ + pointer);
      if (__builtin_mul_overflow(most + 1, most_below, &most_below) ||
          __builtin_add_overflow(most_below, most, &most_below))
        cursor.fail();
      below_bytes_.push_back(bytes_for(most_below));
    }
    if (root != kUndefined) read_node(root, count, depth);
  }

  const std::vector<std::span<const std::byte>>& records() const { return records_; }

 private:
  static constexpr const char* kWhat = "the index of a group";
  static constexpr std::uint64_t kFrame = 10;  ///< letters, version, type and checksum of a node

  void read_node(std::uint64_t address, std::uint64_t count, unsigned level) {
    Cursor cursor(file_, file_.from(address, kWhat), kWhat);
    cursor.expect(level == 0 ? std::string_view("BTLF\0", 5) : std::string_view("BTIN\0", 5));
    cursor.skip(1);
    if (++nodes_ > kMostNodes || records_.size() + count > kMostRecords) cursor.fail();
    for (std::uint64_t i = 0; i < count; ++i) records_.push_back(cursor.take(record_));
    for (std::uint64_t i = 0; level > 0 && i <= count; ++i) {
      const std::uint64_t child = cursor.u64(), below = cursor.number(count_bytes_);
      cursor.skip(below_bytes_[level - 1]);
      read_node(child, below, level - 1);
    }
  }

  const FileBytes& file_;
  std::uint64_t record_ = 0;
  std::size_t count_bytes_ = 0;
  std::vector<std::size_t> below_bytes_;  ///< of the count of all records below a node, by its level
  std::vector<std::span<const std::byte>> records_;
  std::size_t nodes_ = 0;
};

}  // namespace

std::vector<std::span<const std::byte>> read_dense(const FileBytes& file, std::uint64_t heap, std::uint64_t tree,
                                                   std::size_t id_at) {
  const FractalHeap objects(file, heap);
  const RecordTree index(file, tree);
  std::vector<std::span<const std::byte>> out;
  for (const auto record : index.records()) {
    Cursor cursor(file, record, "the index of a group");
    cursor.skip(id_at);
    out.push_back(objects.object(cursor.take(cursor.left())));
  }
  return out;
}

}  // namespace fcngraph::import::hdf5
