// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace fcngraph::cache {

/// The name of an entry: 128 bits of a text that says everything which the entry's content hangs on.
struct CacheKey {
  std::uint64_t high = 0, low = 0;
  auto operator<=>(const CacheKey&) const = default;
};

CacheKey key_of(std::string_view text) noexcept;
/// 32 hexadecimal digits.
std::string to_hex(const CacheKey& key);

struct CacheKeyHash {
  std::size_t operator()(const CacheKey& key) const noexcept { return static_cast<std::size_t>(key.low); }
};

}  // namespace fcngraph::cache
