// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <fcngraph/engine/types.h>

#include "mapped_file.h"

namespace fcngraph::cache {

/// One value of one sample as it is kept: its bytes as they lie in memory while training, or float32 narrowed to float16.
class CacheEntry {
 public:
  /// A copy of a value. `half` narrows float32, unless a finite number would become infinite.
  static std::shared_ptr<const CacheEntry> encode(DType dtype, std::span<const std::byte> value, bool half);
  /// A copy of bytes that are encoded.
  static std::shared_ptr<const CacheEntry> copy(DType dtype, bool half, std::span<const std::byte> bytes);
  /// Encoded bytes in a file that is mapped.
  static std::shared_ptr<const CacheEntry> mapped(DType dtype, bool half, std::unique_ptr<MappedFile> file,
                                                  std::size_t offset);

  DType dtype() const noexcept { return dtype_; }  ///< of the value
  bool half() const noexcept { return half_; }     ///< whether it is narrowed
  std::span<const std::byte> bytes() const noexcept { return bytes_; }
  std::size_t value_size() const noexcept { return half_ ? 2 * bytes_.size() : bytes_.size(); }
  /// Writes the value; `to` has `value_size` bytes.
  void decode(std::span<std::byte> to) const;

 private:
  CacheEntry(DType dtype, bool half) : dtype_(dtype), half_(half) {}

  DType dtype_;
  bool half_;
  std::unique_ptr<std::byte[]> memory_;
  std::unique_ptr<MappedFile> file_;
  std::span<const std::byte> bytes_;
};

}  // namespace fcngraph::cache
