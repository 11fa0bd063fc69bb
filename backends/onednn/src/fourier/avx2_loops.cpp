// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <utility>

#include "layer.h"
#include "transform.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

namespace fcngraph::onednn::fourier {
namespace {

// 16 registers: eight sums, two of weights, two of an image.
constexpr std::int64_t kLanes = 8;
constexpr int kMostRows = 4;

// Else the compiler would read weights from memory again for each product.
template <class T>
inline T in_register(T x) {
  asm("" : "+x"(x));
  return x;
}

#include "loops.inc"

}  // namespace

const Loops& avx2_loops() {
  static constexpr Loops loops{"avx2", kLanes, kMostRows, transform_input, multiply, transform_output};
  return loops;
}

}  // namespace fcngraph::onednn::fourier

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
