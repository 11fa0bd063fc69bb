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

constexpr std::int64_t kLanes = 8;

#include "vector.inc"

inline V load(const Half* p) {
  return static_cast<V>(_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
}

// Else the compiler would read weights from memory again for each product, and broadcast the other factor in a step of its own.
inline V in_register(V x) {
  asm("" : "+x"(x));
  return x;
}

}  // namespace

namespace winograd {
namespace {

// 16 registers: 12 sums, two of weights, one for the other factor.
constexpr int kMostRows = 6;
constexpr int kGradientRows = 4, kGradientGroups = 2;

#include "../winograd/loops.inc"

#include "../winograd/gradient_loops.inc"

}  // namespace
}  // namespace winograd

namespace fourier {
namespace {

// Eight sums, two of weights, two of an image.
constexpr int kMostRows = 4;

#include "../fourier/row_loops.inc"

#include "../fourier/plane_loops.inc"

}  // namespace
}  // namespace fourier

const VectorLoops& avx2_loops() {
  static constexpr VectorLoops loops{
      {"avx2", kLanes, winograd::kPanel, winograd::kMostRows, winograd::transform_input, winograd::multiply,
       winograd::transform_output, winograd::kGradientRows, winograd::transform_values, winograd::transform_gradient,
       winograd::sum_products, winograd::transform_sums},
      {"avx2",
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
