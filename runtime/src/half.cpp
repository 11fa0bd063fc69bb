// SPDX-License-Identifier: Apache-2.0
#include "half.h"

// One clone for processors that have instructions for it: the loops are plain, and the bits the same.
#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <immintrin.h>
#define FCNGRAPH_HAS_F16C 1
#endif

namespace fcngraph {
namespace {

bool finite_became_infinite(float from, std::uint16_t to) noexcept {
  return (to & 0x7fffu) == 0x7c00u && (std::bit_cast<std::uint32_t>(from) & 0x7fffffffu) < 0x7f800000u;
}

bool narrow_rest(const float* from, std::uint16_t* to, std::size_t count) noexcept {
  bool lost = false;
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = float_to_half(from[i]);
    lost |= finite_became_infinite(from[i], to[i]);
  }
  return !lost;
}

#ifdef FCNGRAPH_HAS_F16C
// Asked once: a virtual machine answers cpuid by leaving it.
bool has_f16c() noexcept {
  static const bool answer = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;  // clang's __builtin_cpu_supports does not know f16c
    return __builtin_cpu_supports("avx2") != 0 && __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
  }();
  return answer;
}

__attribute__((target("avx2,f16c"))) bool narrow(const float* from, std::uint16_t* to, std::size_t count) noexcept {
  const __m256 top = _mm256_set1_ps(65520.0f);  // from here on, the nearest half is infinite
  const __m256 infinity = _mm256_set1_ps(__builtin_inff());
  const __m256 positive = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
  __m256 lost = _mm256_setzero_ps();
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 x = _mm256_loadu_ps(from + i);
    const __m256 size = _mm256_and_ps(x, positive);
    lost = _mm256_or_ps(lost,
                        _mm256_and_ps(_mm256_cmp_ps(size, top, _CMP_GE_OQ), _mm256_cmp_ps(size, infinity, _CMP_LT_OQ)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
  }
  return _mm256_movemask_ps(lost) == 0 && narrow_rest(from + i, to + i, count - i);
}

__attribute__((target("avx2,f16c"))) std::size_t widen(const std::uint16_t* from, float* to,
                                                       std::size_t count) noexcept {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i))));
  return i;
}
#endif

}  // namespace

bool floats_to_halves(const float* from, std::uint16_t* to, std::size_t count) noexcept {
#ifdef FCNGRAPH_HAS_F16C
  if (has_f16c()) return narrow(from, to, count);
#endif
  return narrow_rest(from, to, count);
}

void halves_to_floats(const std::uint16_t* from, float* to, std::size_t count) noexcept {
  std::size_t i = 0;
#ifdef FCNGRAPH_HAS_F16C
  if (has_f16c()) i = widen(from, to, count);
#endif
  for (; i < count; ++i) to[i] = half_to_float(from[i]);
}

}  // namespace fcngraph
