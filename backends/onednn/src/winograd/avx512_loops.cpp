// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <utility>

#include "layer.h"
#include "transform_points.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,fma")
#endif

namespace fcngraph::onednn::winograd {
namespace {

// 32 registers: 28 sums, two of weights; the other factor comes from memory.
constexpr std::int64_t kLanes = 16;
constexpr int kMostRows = 14;
constexpr int kGradientRows = 8, kGradientGroups = 2;

// Else the compiler would read weights from memory again for each product, and broadcast the other factor in a step of its own.
template <class T>
inline T in_register(T x) {
  asm("" : "+v"(x));
  return x;
}

#include "loops.inc"

#include "gradient_loops.inc"

}  // namespace

const Loops& avx512_loops() {
  static constexpr Loops loops{"avx512",     kLanes,           kPanel,        kMostRows,        transform_input,
                               multiply,     transform_output, kGradientRows, transform_values, transform_gradient,
                               sum_products, transform_sums};
  return loops;
}

}  // namespace fcngraph::onednn::winograd

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
