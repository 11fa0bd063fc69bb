// SPDX-License-Identifier: Apache-2.0
#include "import/hdf5/attributes.h"

#include <algorithm>

#include "import/hdf5/dense.h"

namespace fcngraph::import::hdf5 {
namespace {

constexpr std::size_t kMostText = std::size_t{64} << 20;
constexpr const char* kWhat = "an attribute";

std::uint64_t padded(std::uint64_t size) { return (size + 7) / 8 * 8; }

std::optional<Attribute> read_if_named(const FileBytes& file, std::span<const std::byte> message,
                                       const std::string& name) {
  Cursor cursor(file, message, kWhat);
  const unsigned version = cursor.u8(), flags = cursor.u8();
  if (version < 1 || version > 3) cursor.fail();
  const std::uint64_t name_size = cursor.u16(), type_size = cursor.u16(), space_size = cursor.u16();
  if (version == 3) cursor.skip(1);  // character set
  const auto part = [&](std::uint64_t size) {
    Cursor inside(file, cursor.take(version == 1 ? padded(size) : size), kWhat);
    return inside.take(size);
  };
  Cursor own_name(file, part(name_size), kWhat);
  if (own_name.text(name_size) != name) return std::nullopt;
  const auto type = part(type_size), space = part(space_size);
  if (version > 1 && (flags & 3u) != 0) cursor.fail();  // a type or shape that has a name elsewhere
  return Attribute{read_data_type(file, type), read_data_space(file, space), cursor.take(cursor.left())};
}

/// Object `index` of the heap at `address`.
std::span<const std::byte> heap_object(const FileBytes& file, std::uint64_t address, std::uint32_t index) {
  Cursor head(file, file.at(address, 16, "a heap"), "a heap");
  head.expect("GCOL\x01");
  head.skip(3);
  const std::uint64_t size = head.u64();
  Cursor cursor(file, file.at(address, size, "a heap"), "a heap");
  cursor.skip(16);
  constexpr std::size_t kHead = 16;
  while (cursor.left() >= kHead) {
    const unsigned number = cursor.u16();
    cursor.skip(6);
    const std::uint64_t length = cursor.u64();
    if (number == 0) break;  // what is free comes last
    const auto object = cursor.take(length);
    if (number == index) return object;
    cursor.skip(std::min<std::uint64_t>(padded(length) - length, cursor.left()));
  }
  cursor.fail();
}

}  // namespace

std::optional<Attribute> find_attribute(const FileBytes& file, const ObjectHeader& object, const std::string& name) {
  for (const Message& message : object.messages) {
    if (message.type != MessageType::attribute || message.shared) continue;
    if (auto found = read_if_named(file, message.bytes, name)) return found;
  }
  if (const auto* info = object.find(MessageType::attribute_info); info != nullptr) {
    Cursor cursor(file, info->bytes, kWhat);
    cursor.skip(1);
    if ((cursor.u8() & 1u) != 0) cursor.skip(2);
    const std::uint64_t heap = cursor.u64(), index = cursor.u64();
    if (heap == kUndefined) return std::nullopt;
    for (const auto message : read_dense(file, heap, index, 0)) {
      if (auto found = read_if_named(file, message, name)) return found;
    }
  }
  return std::nullopt;
}

std::vector<std::string> read_texts(const FileBytes& file, const Attribute& attribute) {
  const auto& type = attribute.type;
  std::uint64_t bytes = type.size;
  for (const std::uint64_t extent : attribute.extents) {
    if (extent == 0) return {};  // h5py writes an empty list as numbers
    if (__builtin_mul_overflow(bytes, extent, &bytes)) file.fail("has an attribute whose shape overflows");
  }
  Cursor cursor(file, attribute.data, kWhat);
  Cursor elements(file, cursor.take(bytes), kWhat);
  std::vector<std::string> out;
  std::size_t total = 0;
  while (elements.left() > 0) {
    if (type.kind == DataType::Kind::text) {
      std::string text = elements.text(type.size);
      if (type.space_padded) text.resize(text.find_last_not_of(' ') + 1);
      out.push_back(std::move(text));
    } else if (type.kind == DataType::Kind::variable_text) {
      const std::uint64_t length = elements.u32(), address = elements.u64();
      const std::uint32_t index = elements.u32();
      if (length == 0) {
        out.emplace_back();
        continue;
      }
      Cursor object(file, heap_object(file, address, index), "a text");
      out.push_back(object.text(length));
    } else {
      file.fail("has an attribute that is no list of names");
    }
    total += out.back().size();
    if (total > kMostText) file.fail("has an attribute that is too long");
  }
  return out;
}

}  // namespace fcngraph::import::hdf5
