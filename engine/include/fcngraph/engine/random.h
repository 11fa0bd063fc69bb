// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
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

/// Two standard normal numbers (Box and Muller 1958).
struct NormalPair {
  float cosine = 0, sine = 0;
};

/// The pair that 64 random bits stand for: the upper half is the radius, the lower half the angle. Polynomials in float alone
/// (after Moshier's Cephes; a few units in the last place), without branches, so that a compiler vectorises a loop of it and every
/// machine that does not contract a * b + c gets the same bits. Magnitudes stay below 6.7.
inline NormalPair normal_pair(std::uint64_t bits) noexcept {
  // u = (n + 1/2) / 2^31 is in (0, 1]: its logarithm is finite. u = m * 2^e with m in [sqrt(1/2), sqrt(2)).
  const float u = (static_cast<float>(static_cast<std::int32_t>(bits >> 33)) + 0.5f) * 0x1p-31f;
  const auto shifted = std::bit_cast<std::int32_t>(u) - 0x3f3504f3;
  const auto e = static_cast<float>(shifted >> 23);
  const float t = std::bit_cast<float>((shifted & 0x007fffff) + 0x3f3504f3) - 1.0f;
  float p = 7.0376836292e-2f;
  p = p * t - 1.1514610310e-1f;
  p = p * t + 1.1676998740e-1f;
  p = p * t - 1.2420140846e-1f;
  p = p * t + 1.4249322787e-1f;
  p = p * t - 1.6668057665e-1f;
  p = p * t + 2.0000714765e-1f;
  p = p * t - 2.4999993993e-1f;
  p = p * t + 3.3333331174e-1f;
  const float square = t * t;
  const float log_u = p * t * square - 0.5f * square + t + e * 0.693147180560f;
  const float radius = std::sqrt(-2.0f * log_u + 0.0f);

  // 2^32 to the full circle: the nearest quarter, and what is left of the angle, in [-pi/4, pi/4].
  const auto turn = static_cast<std::uint32_t>(bits);
  const std::uint32_t quarter = (turn + 0x20000000u) >> 30;
  const float angle = static_cast<float>(static_cast<std::int32_t>(turn - (quarter << 30))) * 1.4629180792671596e-9f;
  const float z = angle * angle;
  const float sine = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * angle + angle;
  const float cosine =
      ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z - 0.5f * z + 1.0f;
  const bool swap = (quarter & 1u) != 0;
  const auto x = std::bit_cast<std::uint32_t>(swap ? sine : cosine) ^ (((quarter + 1u) & 2u) << 30);
  const auto y = std::bit_cast<std::uint32_t>(swap ? cosine : sine) ^ ((quarter & 2u) << 30);
  return {radius * std::bit_cast<float>(x), radius * std::bit_cast<float>(y)};
}

/// Standard normal number `counter` of the stream `key`: numbers 2i and 2i+1 are the cosine and the sine of the pair that the
/// stream's bits number i make.
inline float random_normal(std::uint64_t key, std::uint64_t counter) noexcept {
  const NormalPair pair = normal_pair(random_bits(key, counter / 2));
  return counter % 2 == 0 ? pair.cosine : pair.sine;
}

/// Uniform integer in [0, n), n > 0 (multiply-shift: bias under n / 2^64).
inline std::uint64_t random_below(std::uint64_t key, std::uint64_t counter, std::uint64_t n) noexcept {
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(random_bits(key, counter)) * n) >> 64);
}

}  // namespace fcngraph
