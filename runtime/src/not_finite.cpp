// SPDX-License-Identifier: Apache-2.0
#include "not_finite.h"

#include <fmt/format.h>

#include <cstring>

namespace fcngraph {
namespace {

// A floating number is not finite when all bits of its exponent are set. The bytes may lie at an odd address.
template <class Bits>
std::int64_t first_not_finite(std::span<const std::byte> bytes, Bits exponent) {
  const auto count = static_cast<std::int64_t>(bytes.size() / sizeof(Bits));
  const auto at = [&](std::int64_t i) {
    Bits bits;
    std::memcpy(&bits, bytes.data() + static_cast<std::size_t>(i) * sizeof(Bits), sizeof(Bits));
    return (bits & exponent) == exponent;
  };
  int found = 0;
#pragma omp parallel for schedule(static) reduction(| : found) if (count > (1 << 16))
  for (std::int64_t i = 0; i < count; ++i) found |= at(i) ? 1 : 0;
  for (std::int64_t i = 0; found != 0 && i < count; ++i) {
    if (at(i)) return i;
  }
  return -1;
}

}  // namespace

std::int64_t first_not_finite(const TensorType& type, std::span<const std::byte> bytes) {
  switch (type.dtype) {
    case DType::f32:
      return first_not_finite<std::uint32_t>(bytes, 0x7f800000u);
    case DType::f64:
      return first_not_finite<std::uint64_t>(bytes, 0x7ff0000000000000u);
    case DType::f16:
      return first_not_finite<std::uint16_t>(bytes, 0x7c00u);
    case DType::bf16:
      return first_not_finite<std::uint16_t>(bytes, 0x7f80u);
    default:
      return -1;
  }
}

std::string not_finite_message(const std::string& name, std::int64_t index) {
  return fmt::format("tensor '{}' holds a value that is not finite (NaN or infinity) at index {}", name, index);
}

}  // namespace fcngraph
