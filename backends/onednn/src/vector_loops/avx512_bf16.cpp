// SPDX-License-Identifier: Apache-2.0
// Winograd's loops with products in bf16: two channels at once, summed in f32. The transforms are in f32, and round what they store.
#include <immintrin.h>

#include <cstdint>
#include <utility>

#include "../winograd/transform_points.h"
#include "vector_loops.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bf16,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bf16,fma")
#endif

namespace fcngraph::onednn {
namespace {

constexpr std::int64_t kLanes = 16;

#include "vector.inc"

inline void store(Bfloat* p, V x) {
  const __m256bh narrow = _mm512_cvtneps_pbh(static_cast<__m512>(x));
  __builtin_memcpy(p, &narrow, sizeof narrow);
}

}  // namespace

namespace winograd {
namespace {

constexpr int kMostRows = 14;  // 28 sums, two of weights

using Number = Bfloat;
using Factor = __m512bh;
constexpr int kPair = 2;
inline Factor load_factor(const Bfloat* p) {
  Factor x;
  __builtin_memcpy(&x, p, sizeof x);
  asm("" : "+v"(x));  // lest it is read from memory again for each product
  return x;
}
inline Factor all_factor(const Bfloat* p) {
  int two = 0;
  __builtin_memcpy(&two, p, sizeof two);
  const __m512i all = _mm512_set1_epi32(two);
  return reinterpret_cast<const Factor&>(all);
}
inline V add_product(V sum, Factor x, Factor y) {
  return static_cast<V>(_mm512_dpbf16_ps(static_cast<__m512>(sum), x, y));
}

#include "../winograd/loops.inc"

// Large tiles would lose what digits bf16 has.
constexpr Loops kLoops{"avx512", kLanes, kPanel, kMostRows, sizeof(Number), loops_of<SmallTile>(), {}};

}  // namespace

const Loops& avx512_bf16_loops() { return kLoops; }

}  // namespace winograd
}  // namespace fcngraph::onednn

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
