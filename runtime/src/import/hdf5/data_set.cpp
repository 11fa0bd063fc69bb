// SPDX-License-Identifier: Apache-2.0
#include "import/hdf5/data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "import/hdf5/attributes.h"
#include "import/hdf5/chunks.h"
#include "import/hdf5/data_type.h"
#include "import/hdf5/numbers.h"
#include "import/source.h"

namespace fcngraph::import::hdf5 {
namespace {

class DataSetReader {
 public:
  DataSetReader(const FileBytes& file, const ObjectHeader& object, const std::string& path)
      : file_(file), object_(object), path_(path) {}

  Tensor read() {
    if (object_.is_group()) fail("is no data set");
    type_ = read_data_type(file_, message(MessageType::data_type));
    const auto dtype = dtype_of(type_, is_bfloat());
    if (!dtype) fail("holds no numbers that are known here");
    const auto extents = read_data_space(file_, message(MessageType::data_space));
    std::uint64_t bytes = std::max<std::uint64_t>(type_.size, size_of(*dtype));
    std::vector<std::int64_t> dims;
    for (const std::uint64_t extent : extents) {
      dims.push_back(static_cast<std::int64_t>(extent));
      if (__builtin_mul_overflow(bytes, extent, &bytes) || static_cast<std::int64_t>(bytes) < 0 || dims.back() < 0)
        fail("has a shape that overflows");
    }
    if (grows_too_much(file_.bytes.size(), bytes))
      fail(fmt::format("would have {} bytes, too many for a file of {}", bytes, file_.bytes.size()));
    Tensor out = Tensor::zeros({*dtype, Shape(std::move(dims)), {}});
    if (bytes == 0) return out;
    const auto count = static_cast<std::uint64_t>(out.type.shape.elements());
    convert_numbers(type_, stored(extents, count * type_.size), out);
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { file_.fail(fmt::format("'{}' {}", path_, what)); }

  std::span<const std::byte> message(MessageType type) const {
    const Message* found = object_.find(type);
    if (found == nullptr || found->shared) fail("has a type or shape that is kept elsewhere, which is not followed");
    return found->bytes;
  }

  /// Two bytes of which Keras says in an attribute what they are.
  bool is_bfloat() const {
    if (type_.kind != DataType::Kind::opaque || type_.size != 2) return false;
    const auto attribute = find_attribute(file_, object_, "dtype");
    return attribute && read_texts(file_, *attribute) == std::vector<std::string>{"bfloat16"};
  }

  /// The elements as they are stored, one after another; the bytes lie in the file or in `unpacked_`.
  std::span<const std::byte> stored(const std::vector<std::uint64_t>& extents, std::uint64_t bytes) {
    constexpr unsigned kCompact = 0, kContiguous = 1, kChunked = 2, kVirtual = 3;
    if (object_.find(MessageType::external_files) != nullptr)
      fail("has its numbers in another file, which is not followed");
    Cursor cursor(file_, message(MessageType::layout), "the layout of a data set");
    const unsigned version = cursor.u8(), kind = cursor.u8();
    if (version != 3 && version != 4) fail("is laid out as before HDF5 1.6: save it again");
    if (kind == kVirtual) fail("has its numbers in another file, which is not followed");
    if (kind == kCompact) {
      Cursor data(file_, cursor.take(cursor.u16()), "the numbers of a data set");
      return data.take(bytes);
    }
    if (kind == kContiguous) {
      const std::uint64_t address = cursor.u64(), size = cursor.u64();
      if (address == kUndefined) fail("has numbers that were never written");
      if (size < bytes) fail("is damaged: it has fewer bytes than its shape");
      return file_.at(address, bytes, fmt::format("the numbers of '{}'", path_));
    }
    if (kind != kChunked) cursor.fail();
    if (version == 4) fail("is in chunks as HDF5 makes them with libver=\"latest\": save it without that option");
    const auto* filters = object_.find(MessageType::filters);
    unpacked_ = read_chunks(file_, cursor, filters == nullptr ? std::span<const std::byte>() : filters->bytes, extents,
                            type_.size, path_);
    return unpacked_;
  }

  const FileBytes& file_;
  const ObjectHeader& object_;
  const std::string& path_;
  DataType type_;
  std::vector<std::byte> unpacked_;
};

}  // namespace

Tensor read_data_set(const FileBytes& file, const ObjectHeader& object, const std::string& path) {
  return DataSetReader(file, object, path).read();
}

}  // namespace fcngraph::import::hdf5
