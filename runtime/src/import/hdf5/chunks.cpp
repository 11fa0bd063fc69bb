// SPDX-License-Identifier: Apache-2.0
#include "import/hdf5/chunks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "import/hdf5/filters.h"
#include "import/source.h"

namespace fcngraph::import::hdf5 {
namespace {

constexpr std::size_t kMostNodes = 1'000'000;
constexpr const char* kWhat = "the chunks of a data set";

class ChunkReader {
 public:
  ChunkReader(const FileBytes& file, const std::vector<std::uint64_t>& extents, std::size_t element,
              const std::string& path)
      : file_(file), extents_(extents), element_(element), path_(path) {}

  std::vector<std::byte> read(Cursor& layout, std::span<const std::byte> filters) {
    const unsigned dimensions = layout.u8();
    const std::uint64_t tree = layout.u64();
    if (extents_.empty() || dimensions != extents_.size() + 1) layout.fail();
    chunk_bytes_ = element_;
    std::uint64_t expected = 1, bytes = element_;
    for (const std::uint64_t extent : extents_) {
      chunk_.push_back(layout.u32());
      if (chunk_.back() == 0 || __builtin_mul_overflow(chunk_bytes_, chunk_.back(), &chunk_bytes_)) layout.fail();
      expected *= (extent + chunk_.back() - 1) / chunk_.back();  // at most the number of elements, which is checked
      bytes *= extent;
    }
    if (layout.u32() != element_) layout.fail();
    if (grows_too_much(file_.bytes.size(), chunk_bytes_)) layout.fail();
    if (!filters.empty()) filters_ = read_filters(file_, filters, path_);
    out_.resize(bytes);
    if (tree != kUndefined) read_node(tree, -1);
    if (done_.size() != expected) {
      file_.fail(done_.empty()
                     ? fmt::format("'{}' has numbers that were never written", path_)
                     : fmt::format("'{}' was written in part: {} of {} chunks", path_, done_.size(), expected));
    }
    return std::move(out_);
  }

 private:
  /// `level` is what the node above expects, -1 at the root.
  void read_node(std::uint64_t address, int level) {
    Cursor cursor(file_, file_.from(address, kWhat), kWhat);
    cursor.expect("TREE");
    const int type = cursor.u8(), own_level = cursor.u8();
    if (type != 1 || (level >= 0 && own_level != level) || ++nodes_ > kMostNodes) cursor.fail();
    const std::size_t count = cursor.u16();
    cursor.skip(16);  // siblings
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t size = cursor.u32(), skipped = cursor.u32();
      std::vector<std::uint64_t> at;
      for (std::size_t d = 0; d < extents_.size(); ++d) at.push_back(cursor.u64());
      cursor.skip(8);  // the offset within an element: 0
      const std::uint64_t child = cursor.u64();
      if (own_level > 0) {
        read_node(child, own_level - 1);
      } else {
        read_chunk(at, file_.at(child, size, fmt::format("a chunk of '{}'", path_)), skipped);
      }
    }
  }

  void read_chunk(const std::vector<std::uint64_t>& at, std::span<const std::byte> stored, std::uint32_t skipped) {
    for (std::size_t d = 0; d < extents_.size(); ++d) {
      if (at[d] >= extents_[d]) return;  // left over from when the data set was larger
      if (at[d] % chunk_[d] != 0) file_.fail(fmt::format("'{}' is damaged: a chunk lies askew", path_));
    }
    if (!done_.insert(at).second) file_.fail(fmt::format("'{}' is damaged: it has a chunk twice", path_));
    const auto chunk = undo_filters(file_, filters_, skipped, stored, chunk_bytes_, element_, path_);
    copy(chunk.data(), at, 0, 0);
  }

  /// Copies what of the chunk lies within the extents, from dimension `d` on; `offset` counts elements of the data set so far.
  const std::byte* copy(const std::byte* from, const std::vector<std::uint64_t>& at, std::size_t d,
                        std::uint64_t offset) {
    const std::uint64_t inside = std::min(chunk_[d], extents_[d] - at[d]);
    offset = offset * extents_[d] + at[d];
    if (d + 1 == extents_.size()) {
      std::copy_n(from, inside * element_, out_.begin() + static_cast<std::ptrdiff_t>(offset * element_));
      return from + chunk_[d] * element_;
    }
    const std::byte* const start = from;
    for (std::uint64_t i = 0; i < inside; ++i) from = copy(from, at, d + 1, offset + i);
    if (inside == 0) return from;
    const auto row = static_cast<std::uint64_t>(from - start) / inside;
    return start + row * chunk_[d];
  }

  const FileBytes& file_;
  const std::vector<std::uint64_t>& extents_;
  const std::uint64_t element_;
  const std::string& path_;
  std::vector<std::uint64_t> chunk_;
  std::uint64_t chunk_bytes_ = 0;
  std::vector<Filter> filters_;
  std::vector<std::byte> out_;
  std::set<std::vector<std::uint64_t>> done_;
  std::size_t nodes_ = 0;
};

}  // namespace

std::vector<std::byte> read_chunks(const FileBytes& file, Cursor& layout, std::span<const std::byte> filters,
                                   const std::vector<std::uint64_t>& extents, std::size_t element,
                                   const std::string& path) {
  return ChunkReader(file, extents, element, path).read(layout, filters);
}

}  // namespace fcngraph::import::hdf5
