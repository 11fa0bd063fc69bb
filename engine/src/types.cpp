// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/types.h>

#include <array>
#include <charconv>
#include <cstdio>

#include <fcngraph/engine/error.h>

namespace fcngraph {
namespace {

struct DTypeInfo {
  DType dtype;
  std::string_view name;
  std::size_t size;
};
constexpr std::array kDTypes{
    DTypeInfo{DType::f32, "f32", 4},   DTypeInfo{DType::f64, "f64", 8}, DTypeInfo{DType::f16, "f16", 2},
    DTypeInfo{DType::bf16, "bf16", 2}, DTypeInfo{DType::i32, "i32", 4}, DTypeInfo{DType::i64, "i64", 8},
    DTypeInfo{DType::u8, "u8", 1},
};

}  // namespace

std::size_t size_of(DType dtype) noexcept { return kDTypes[static_cast<std::size_t>(dtype)].size; }
std::string_view name_of(DType dtype) noexcept { return kDTypes[static_cast<std::size_t>(dtype)].name; }

std::optional<DType> dtype_from(std::string_view name) noexcept {
  for (const auto& info : kDTypes) {
    if (info.name == name) return info.dtype;
  }
  return std::nullopt;
}

bool is_floating(DType dtype) noexcept {
  return dtype == DType::f32 || dtype == DType::f64 || dtype == DType::f16 || dtype == DType::bf16;
}

std::int64_t checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) {
    throw GraphError("size " + std::to_string(a) + " * " + std::to_string(b) + " overflows 64 bits");
  }
  return product;
}

std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    throw GraphError("size " + std::to_string(a) + " + " + std::to_string(b) + " overflows 64 bits");
  }
  return sum;
}

std::int64_t Shape::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t extent : dims_) {
    if (extent < 0) throw GraphError("shape " + to_string(*this) + " has a negative extent");
    count = checked_mul(count, extent);
  }
  return count;
}

std::string to_string(const Shape& shape) {
  std::string out = "[";
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    if (i > 0) out += ", ";
    out += std::to_string(shape[i]);
  }
  return out + "]";
}

bool samples_lie_apart(const TensorType& type) {
  return type.shape.rank() > 0 && (type.layout.is_plain() || type.layout.tag.front() == 'a');
}

std::int64_t bytes_of(const TensorType& type) {
  if (!type.layout.is_plain() && type.layout.bytes > 0) return type.layout.bytes;
  return checked_mul(type.shape.elements(), static_cast<std::int64_t>(size_of(type.dtype)));
}

std::string to_string(const TensorType& type) {
  std::string out = std::string(name_of(type.dtype)) + to_string(type.shape);
  if (!type.layout.is_plain()) out += "{" + type.layout.tag + "}";
  return out;
}

namespace {

constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

}  // namespace

std::optional<std::int64_t> bytes_from(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc() || !(value >= 0)) return std::nullopt;
  std::string_view unit(stopped, static_cast<std::size_t>(end - stopped));
  if (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  if (unit.empty()) unit = kUnits[0];
  for (std::size_t i = 0; i < kUnits.size(); ++i, value *= 1024.0) {
    if (unit != kUnits[i]) continue;
    return value <= 0x1.0p62 ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
  }
  return std::nullopt;
}

std::string human_bytes(std::int64_t bytes) {
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024.0 && unit + 1 < kUnits.size()) {
    value /= 1024.0;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
  return text;
}

}  // namespace fcngraph
