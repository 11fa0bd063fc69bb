// SPDX-License-Identifier: Apache-2.0
#include "words.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace fcngraph::text {
namespace {

constexpr std::size_t kMostDecimals = 16;
constexpr std::string_view kDigits = "0123456789abcdef";

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Calls `with` with a value of the C++ type of the elements; false for types that have no decimal form here.
template <class Visitor>
bool visit_dtype(DType dtype, Visitor with) {
  switch (dtype) {
    case DType::f32:
      return with(float{});
    case DType::f64:
      return with(double{});
    case DType::i32:
      return with(std::int32_t{});
    case DType::i64:
      return with(std::int64_t{});
    case DType::u8:
      return with(std::uint8_t{});
    case DType::f16:
    case DType::bf16:
      break;
  }
  return false;
}

/// Appends the elements as a list; false when one of them is not finite, since decimals do not tell one NaN from another.
template <class T>
bool print_decimals(const std::vector<std::byte>& data, std::string& out) {
  for (std::size_t at = 0; at < data.size(); at += sizeof(T)) {
    T value{};
    std::memcpy(&value, data.data() + at, sizeof(T));
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(value)) return false;
    }
    std::array<char, 40> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out += (at > 0 ? ", " : "") + std::string(text.data(), end);
  }
  return true;
}

}  // namespace

bool starts_word(char c) noexcept { return is_letter(c) || c == '_'; }
bool continues_word(char c) noexcept {
  return starts_word(c) || (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '/' || c == '-';
}

std::string name_text(std::string_view name) {
  const bool bare = !name.empty() && starts_word(name[0]) && std::all_of(name.begin(), name.end(), continues_word) &&
                    name != kAbsent && std::find(kKeywords.begin(), kKeywords.end(), name) == kKeywords.end();
  return bare ? std::string(name) : to_string(AttrValue(std::string(name)));
}

std::string data_text(const TensorType& type, const std::vector<std::byte>& data) {
  std::string decimals;
  const auto print = [&](auto sample) { return print_decimals<decltype(sample)>(data, decimals); };
  if (type.layout.is_plain() && data.size() <= kMostDecimals * size_of(type.dtype) && visit_dtype(type.dtype, print))
    return type.shape.rank() == 0 ? decimals : "[" + decimals + "]";
  std::string out = "hex \"";
  for (const std::byte b : data) {
    out += kDigits[std::to_integer<std::size_t>(b >> 4)];
    out += kDigits[std::to_integer<std::size_t>(b & std::byte{15})];
  }
  return out + '"';
}

bool append_number(DType dtype, std::string_view number, std::vector<std::byte>& data) {
  return visit_dtype(dtype, [&](auto value) {
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc() || end != number.data() + number.size()) return false;
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    data.insert(data.end(), bytes, bytes + sizeof value);
    return true;
  });
}

std::optional<std::vector<std::byte>> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::vector<std::byte> out;
  out.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto high = kDigits.find(digits[i]), low = kDigits.find(digits[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    out.push_back(static_cast<std::byte>(high * 16 + low));
  }
  return out;
}

}  // namespace fcngraph::text
