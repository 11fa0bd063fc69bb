// SPDX-License-Identifier: Apache-2.0
#include "cache/cache_key.h"

#include <fmt/format.h>

#include <fcngraph/engine/random.h>

#include "hash.h"

namespace fcngraph::cache {

CacheKey key_of(std::string_view text) noexcept {
  // Two functions that have nothing in common: what one confuses, the other tells apart.
  return {content_hash(std::as_bytes(std::span(text))), random_key(0, text)};
}

std::string to_hex(const CacheKey& key) { return fmt::format("{:016x}{:016x}", key.high, key.low); }

}  // namespace fcngraph::cache
