// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

// Loops that are worth it are compiled for AVX-512 and AVX2 as well, and the program takes the best that the machine has. Only
// plain functions without OpenMP regions can carry this: what the compiler outlines of a region would not be cloned. Their loops
// say `omp simd` where the result may lie where an operand does, which the compiler would else test for and then run one by one.
// The conformance tests compile them for one instruction set, FCNGRAPH_VECTORIZED_FOR, to run what this machine would not take.
#if defined(FCNGRAPH_VECTORIZED_FOR)
#define FCNGRAPH_VECTORIZED __attribute__((target("arch=" FCNGRAPH_VECTORIZED_FOR)))
#elif defined(__x86_64__) && defined(__linux__) && !defined(__clang__)
#define FCNGRAPH_VECTORIZED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FCNGRAPH_VECTORIZED
#endif

namespace fcngraph::onednn {

/// f(i) for i in [0, n), split evenly over the threads that are set. What an i computes must not depend on the thread.
template <class F>
void parallel_for(std::int64_t n, const F& f) {
#pragma omp parallel for schedule(static) if (n > 1)
  for (std::int64_t i = 0; i < n; ++i) f(i);
}

/// Numbers of one piece of a long row: 64 KiB of f32, which stays in the second cache with its partners.
constexpr std::int64_t kChunk = 16 * 1024;

constexpr std::int64_t chunks_of(std::int64_t n) { return (n + kChunk - 1) / kChunk; }

/// f(first, count) for the fixed chunks of [0, n).
template <class F>
void parallel_chunks(std::int64_t n, const F& f) {
  parallel_for(chunks_of(n), [&](std::int64_t i) { f(i * kChunk, std::min(kChunk, n - i * kChunk)); });
}

inline void copy_bytes(std::byte* to, const std::byte* from, std::size_t bytes) {
  if (to == from) return;
  constexpr std::size_t kPiece = 256 * 1024;
  parallel_for(static_cast<std::int64_t>((bytes + kPiece - 1) / kPiece), [&](std::int64_t i) {
    const std::size_t first = static_cast<std::size_t>(i) * kPiece;
    std::memcpy(to + first, from + first, std::min(kPiece, bytes - first));
  });
}

}  // namespace fcngraph::onednn
