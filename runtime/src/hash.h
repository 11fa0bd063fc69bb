// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <fcngraph/engine/random.h>

namespace fcngraph {

/// 64 bits that tell contents apart: four lanes take 8 bytes each in turn (multiply, rotate), are mixed with the length at the
/// end; the last bytes are padded with zeros. Little-endian. Not for secrets: it guards against the wrong file, not against
/// an adversary. Part of the checkpoint format: never to be changed, only to be replaced by one of another name.
inline std::uint64_t content_hash(std::span<const std::byte> bytes) noexcept {
  constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15ULL;
  std::uint64_t lanes[4] = {1, 2, 3, 4};
  const auto mix = [](std::uint64_t lane, std::uint64_t word) {
    lane = (lane ^ word) * kMultiplier;
    return (lane << 29) | (lane >> 35);
  };
  std::size_t at = 0;
  for (; at + 32 <= bytes.size(); at += 32) {
    std::uint64_t words[4];
    std::memcpy(words, bytes.data() + at, 32);
    for (int i = 0; i < 4; ++i) lanes[i] = mix(lanes[i], words[i]);
  }
  for (int i = 0; at < bytes.size(); at += 8, ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, bytes.size() - at < 8 ? bytes.size() - at : 8);
    lanes[i] = mix(lanes[i], word);
  }
  std::uint64_t hash = bytes.size();
  for (const std::uint64_t lane : lanes) hash = mix_bits(hash ^ lane) + kMultiplier;
  return hash;
}

}  // namespace fcngraph
