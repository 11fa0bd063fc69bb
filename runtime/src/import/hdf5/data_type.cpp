// SPDX-License-Identifier: Apache-2.0
#include "import/hdf5/data_type.h"

namespace fcngraph::import::hdf5 {

DataType read_data_type(const FileBytes& file, std::span<const std::byte> message) {
  constexpr unsigned kInteger = 0, kFloating = 1, kText = 3, kOpaque = 5, kVariable = 9;
  Cursor cursor(file, message, "the type of an element");
  const unsigned type_class = cursor.u8() & 15u;
  const auto bits = static_cast<unsigned>(cursor.number(3));
  DataType out;
  out.size = cursor.u32();
  if (out.size == 0) cursor.fail();
  switch (type_class) {
    case kInteger:
      out.kind = DataType::Kind::integer;
      out.big_endian = (bits & 1u) != 0;
      out.is_signed = (bits & 8u) != 0;
      break;
    case kFloating:
      if ((bits & 0x40u) != 0) break;  // the byte order of a VAX
      out.kind = DataType::Kind::floating;
      out.big_endian = (bits & 1u) != 0;
      cursor.skip(5);  // where the bits lie, of which IEEE leaves no choice
      out.exponent = cursor.u8();
      cursor.skip(1);
      out.mantissa = cursor.u8();
      break;
    case kText:
      out.kind = DataType::Kind::text;
      out.space_padded = (bits & 15u) == 2;
      break;
    case kOpaque:
      out.kind = DataType::Kind::opaque;
      break;
    case kVariable:
      if ((bits & 15u) == 1 && out.size == 16) out.kind = DataType::Kind::variable_text;
      break;
    default:
      break;
  }
  return out;
}

std::vector<std::uint64_t> read_data_space(const FileBytes& file, std::span<const std::byte> message) {
  constexpr unsigned kNull = 2;
  Cursor cursor(file, message, "a shape");
  const unsigned version = cursor.u8(), rank = cursor.u8();
  cursor.skip(1);
  const unsigned kind = cursor.u8();
  if (version == 1) {
    cursor.skip(4);
  } else if (version != 2) {
    cursor.fail();
  } else if (kind == kNull) {
    return {0};
  }
  std::vector<std::uint64_t> extents(rank);
  for (auto& extent : extents) extent = cursor.u64();
  return extents;
}

}  // namespace fcngraph::import::hdf5
