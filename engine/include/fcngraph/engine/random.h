// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

namespace fcngraph {

/// Counter-based randomness: a number is a pure function of a key and a counter, so that no order of execution, thread or
/// batch position changes it. Keys are made of names (parameter, node) and numbers (seed, epoch, sample).

/// Mixes 64 bits so that each input bit changes about half of the output bits (Stafford's variant 13 of MurmurHash3).
constexpr std::uint64_t mix_bits(std::uint64_t x) noexcept {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// A key from a key and one more number: `random_key(random_key(seed, epoch), sample)`.
constexpr std::uint64_t random_key(std::uint64_t key, std::uint64_t number) noexcept {
  return mix_bits(mix_bits(key + 0x9e3779b97f4a7c15ULL) ^ (number + 0xd1b54a32d192ed03ULL));
}

/// A key from a key and a name.
constexpr std::uint64_t random_key(std::uint64_t key, std::string_view name) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return random_key(key, hash);
}

/// 64 random bits number `counter` of the stream `key`.
constexpr std::uint64_t random_bits(std::uint64_t key, std::uint64_t counter) noexcept {
  return mix_bits(key + mix_bits(counter + 0x9e3779b97f4a7c15ULL));
}

/// Uniform in [0, 1), 53 bits.
constexpr double random_uniform(std::uint64_t key, std::uint64_t counter) noexcept {
  return static_cast<double>(random_bits(key, counter) >> 11) * 0x1.0p-53;
}

/// Standard normal (Box and Muller 1958); counters 2i and 2i+1 of the stream make number i.
inline double random_normal(std::uint64_t key, std::uint64_t counter) noexcept {
  const double u = 1.0 - random_uniform(key, 2 * counter);  // in (0, 1]: its logarithm is finite
  const double v = random_uniform(key, 2 * counter + 1);
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

/// Uniform integer in [0, n), n > 0 (multiply-shift: bias under n / 2^64).
inline std::uint64_t random_below(std::uint64_t key, std::uint64_t counter, std::uint64_t n) noexcept {
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(random_bits(key, counter)) * n) >> 64);
}

}  // namespace fcngraph
