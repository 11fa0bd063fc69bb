// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include <cstdint>
#include <utility>

#include "../fourier/transform.h"
#include "../winograd/transform_points.h"
#include "vector_loops.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
#endif

namespace fcngraph::onednn {
namespace {

constexpr const char* kName = "avx2";
constexpr std::int64_t kLanes = 8;
// 16 registers. Winograd's products: 12 sums, two of weights, one for the other factor. Spectra: eight sums, two of weights, two of an
// image.
constexpr int kWinogradRows = 6, kSpectrumRows = 4;
constexpr int kGradientRows = 4, kGradientGroups = 2;

#include "vector.inc"

inline V load(const Half* p) {
  return static_cast<V>(_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
}

// Else the compiler would read weights from memory again for each product, and broadcast the other factor in a step of its own.
inline V in_register(V x) {
  asm("" : "+x"(x));
  return x;
}

// In place: left to itself, the compiler moves sums between registers until some no longer fit in them.
inline V add_product(V sum, V x, V y) {
  asm("vfmadd231ps %2, %1, %0" : "+x"(sum) : "x"(x), "x"(y));
  return sum;
}

}  // namespace

#include "all_loops.inc"

const VectorLoops& avx2_loops() { return kLoops; }

}  // namespace fcngraph::onednn

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
