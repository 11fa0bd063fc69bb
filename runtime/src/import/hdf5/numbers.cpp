// SPDX-License-Identifier: Apache-2.0
#include "import/hdf5/numbers.h"

#include <fcngraph/engine/half.h>

#include <bit>
#include <cstdint>
#include <cstring>

namespace fcngraph::import::hdf5 {
namespace {

template <class Bits>
Bits swapped(Bits bits) {
  Bits out = 0;
  for (std::size_t i = 0; i < sizeof(Bits); ++i) out = static_cast<Bits>(out << 8 | (bits >> (8 * i) & 0xff));
  return out;
}

/// Applies `convert` to the bits of each element. They may lie at odd addresses.
template <class Bits, class To, class Convert>
void convert_each(bool swap, std::span<const std::byte> stored, To* out, std::size_t count, Convert convert) {
  for (std::size_t i = 0; i < count; ++i) {
    Bits bits = 0;
    std::memcpy(&bits, stored.data() + i * sizeof(Bits), sizeof(Bits));
    out[i] = convert(swap ? swapped(bits) : bits);
  }
}

template <class Bits>
void convert_integers(const DataType& type, std::span<const std::byte> stored, Tensor& out, std::size_t count) {
  const unsigned unused = 64 - 8 * sizeof(Bits);
  convert_each<Bits>(type.big_endian, stored, out.as<std::int64_t>(), count, [&](Bits bits) {
    const auto wide = static_cast<std::int64_t>(static_cast<std::uint64_t>(bits) << unused);
    return type.is_signed ? wide >> unused : static_cast<std::int64_t>(bits);
  });
}

bool is_half(const DataType& type) { return type.size == 2 && type.exponent == 5 && type.mantissa == 10; }
bool is_bfloat(const DataType& type) { return type.size == 2 && type.exponent == 8 && type.mantissa == 7; }
bool is_single(const DataType& type) { return type.size == 4 && type.exponent == 8 && type.mantissa == 23; }
bool is_double(const DataType& type) { return type.size == 8 && type.exponent == 11 && type.mantissa == 52; }

}  // namespace

std::optional<DType> dtype_of(const DataType& type, bool opaque_bfloat) {
  if (opaque_bfloat || (type.kind == DataType::Kind::floating && is_bfloat(type))) return DType::bf16;
  if (type.kind == DataType::Kind::floating && (is_half(type) || is_single(type) || is_double(type))) return DType::f32;
  if (type.kind == DataType::Kind::integer && type.size <= 8 && std::has_single_bit(type.size)) return DType::i64;
  return std::nullopt;
}

void convert_numbers(const DataType& type, std::span<const std::byte> stored, Tensor& out) {
  const auto count = static_cast<std::size_t>(out.type.shape.elements());
  const bool swap = type.big_endian;
  if (out.type.dtype == DType::bf16) {
    convert_each<std::uint16_t>(swap, stored, out.as<std::uint16_t>(), count, [](std::uint16_t bits) { return bits; });
  } else if (out.type.dtype == DType::i64) {
    if (type.size == 1) convert_integers<std::uint8_t>(type, stored, out, count);
    if (type.size == 2) convert_integers<std::uint16_t>(type, stored, out, count);
    if (type.size == 4) convert_integers<std::uint32_t>(type, stored, out, count);
    if (type.size == 8) convert_integers<std::uint64_t>(type, stored, out, count);
  } else if (is_half(type)) {
    convert_each<std::uint16_t>(swap, stored, out.as<float>(), count, half_to_float);
  } else if (is_double(type)) {
    convert_each<std::uint64_t>(swap, stored, out.as<float>(), count,
                                [](std::uint64_t bits) { return static_cast<float>(std::bit_cast<double>(bits)); });
  } else if (swap) {
    convert_each<std::uint32_t>(swap, stored, out.as<float>(), count,
                                [](std::uint32_t bits) { return std::bit_cast<float>(bits); });
  } else {
    std::memcpy(out.data.data(), stored.data(), count * sizeof(float));
  }
}

}  // namespace fcngraph::import::hdf5
