// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include <cstdint>
#include <utility>

#include "../fourier/transform.h"
#include "../winograd/transform_points.h"
#include "vector_loops.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,fma")
#endif

namespace fcngraph::onednn {
namespace {

constexpr const char* kName = "avx512";
constexpr std::int64_t kLanes = 16;
// 32 registers. Winograd's products: 28 sums, two of weights; the other factor comes from memory. Spectra: 16 sums, two of weights, two
// of an image.
constexpr int kWinogradRows = 14, kSpectrumRows = 8;
constexpr int kGradientRows = 8, kGradientGroups = 2;

#include "vector.inc"

inline V load(const Half* p) {
  return static_cast<V>(_mm512_maskz_cvtph_ps(0xffff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))));
}

// Else the compiler would read weights from memory again for each product, and broadcast the other factor in a step of its own.
inline V in_register(V x) {
  asm("" : "+v"(x));
  return x;
}

// In place: left to itself, the compiler moves sums between registers until some no longer fit in them.
inline V add_product(V sum, V x, V y) {
  asm("vfmadd231ps %2, %1, %0" : "+v"(sum) : "v"(x), "v"(y));
  return sum;
}

}  // namespace

#include "all_loops.inc"

const VectorLoops& avx512_loops() { return kLoops; }

}  // namespace fcngraph::onednn

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
