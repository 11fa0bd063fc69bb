// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace fcngraph::import::hdf5 {

/// What a place that does not exist is called.
inline constexpr std::uint64_t kUndefined = ~std::uint64_t{0};

/// The bytes of a file. Addresses in it count from `base`.
struct FileBytes {
  std::span<const std::byte> bytes;
  std::string shown;  ///< what messages call the file
  std::uint64_t base = 0;

  /// Throws IoError(shown).
  [[noreturn]] void fail(const std::string& message) const;
  /// `size` bytes at `address`; `what` is a structure, for the message: "a group", "the numbers of 'conv/kernel'". Throws IoError.
  std::span<const std::byte> at(std::uint64_t address, std::uint64_t size, std::string_view what) const;
  /// All bytes from `address` on.
  std::span<const std::byte> from(std::uint64_t address, std::string_view what) const;
};

/// Reads one structure from front to back, little-endian. Throws IoError where it ends too early.
class Cursor {
 public:
  Cursor(const FileBytes& file, std::span<const std::byte> bytes, std::string_view what)
      : file_(file), bytes_(bytes), what_(what) {}

  /// An unsigned number of 1 to 8 bytes.
  std::uint64_t number(std::size_t size);
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::span<const std::byte> take(std::uint64_t size);
  void skip(std::uint64_t size) { (void)take(size); }
  /// Text up to the first NUL of `size` bytes.
  std::string text(std::uint64_t size);
  /// Skips the letters that a structure begins with, or fails.
  void expect(std::string_view letters);
  std::size_t left() const { return bytes_.size(); }
  [[noreturn]] void fail() const;

 private:
  const FileBytes& file_;
  std::span<const std::byte> bytes_;
  std::string what_;
};

}  // namespace fcngraph::import::hdf5
