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

constexpr std::int64_t kLanes = 16;

#include "vector.inc"

inline V load(const Half* p) {
  return static_cast<V>(_mm512_maskz_cvtph_ps(0xffff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))));
}

// Else the compiler would read weights from memory again for each product, and broadcast the other factor in a step of its own.
inline V in_register(V x) {
  asm("" : "+v"(x));
  return x;
}

}  // namespace

namespace winograd {
namespace {

// 32 registers: 28 sums, two of weights; the other factor comes from memory.
constexpr int kMostRows = 14;
constexpr int kGradientRows = 8, kGradientGroups = 2;

#include "../winograd/loops.inc"

#include "../winograd/gradient_loops.inc"

}  // namespace
}  // namespace winograd

namespace fourier {
namespace {

// 16 sums, two of weights, two of an image.
constexpr int kMostRows = 8;

#include "../fourier/row_loops.inc"

#include "../fourier/plane_loops.inc"

}  // namespace
}  // namespace fourier

const VectorLoops& avx512_loops() {
  static constexpr VectorLoops loops{
      {"avx512", kLanes, winograd::kPanel, winograd::kMostRows, winograd::transform_input, winograd::multiply,
       winograd::transform_output, winograd::kGradientRows, winograd::transform_values, winograd::transform_gradient,
       winograd::sum_products, winograd::transform_sums},
      {"avx512",
       kLanes,
       {fourier::transform_plane, fourier::multiply_plane, fourier::restore_plane},
       {fourier::transform_rows, fourier::multiply_frequencies<float>, fourier::restore_rows},
       {fourier::transform_rows, fourier::multiply_frequencies<Half>, fourier::restore_rows},
       {fourier::transform_rows, fourier::multiply_frequencies<Bfloat>, fourier::restore_rows}}};
  return loops;
}

}  // namespace fcngraph::onednn

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
