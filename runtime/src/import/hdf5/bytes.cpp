// SPDX-License-Identifier: Apache-2.0
#include "import/hdf5/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include <fcngraph/engine/error.h>

namespace fcngraph::import::hdf5 {

void FileBytes::fail(const std::string& message) const { throw IoError(shown, message); }

std::span<const std::byte> FileBytes::from(std::uint64_t address, std::string_view what) const {
  std::uint64_t begin = 0;
  if (__builtin_add_overflow(address, base, &begin) || begin > bytes.size())
    fail(fmt::format("is damaged or cut short: {} would lie at byte {} of {}", what, address, bytes.size()));
  return bytes.subspan(begin);
}

std::span<const std::byte> FileBytes::at(std::uint64_t address, std::uint64_t size, std::string_view what) const {
  const auto rest = from(address, what);
  if (size > rest.size()) {
    fail(fmt::format("is damaged or cut short: {} would have {} bytes from byte {} of {} on", what, size, address,
                     bytes.size()));
  }
  return rest.first(size);
}

void Cursor::fail() const { file_.fail(fmt::format("is damaged: {} cannot be read", what_)); }

std::span<const std::byte> Cursor::take(std::uint64_t size) {
  if (size > bytes_.size()) fail();
  const auto out = bytes_.first(size);
  bytes_ = bytes_.subspan(size);
  return out;
}

std::uint64_t Cursor::number(std::size_t size) {
  const auto bytes = take(size);
  std::uint64_t out = 0;
  for (std::size_t i = size; i-- > 0;) out = out << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  return out;
}

std::string Cursor::text(std::uint64_t size) {
  const auto bytes = take(size);
  return {reinterpret_cast<const char*>(bytes.data()),
          static_cast<std::size_t>(std::find(bytes.begin(), bytes.end(), std::byte{0}) - bytes.begin())};
}

void Cursor::expect(std::string_view letters) {
  const auto bytes = take(letters.size());
  if (std::memcmp(bytes.data(), letters.data(), letters.size()) != 0) fail();
}

}  // namespace fcngraph::import::hdf5
