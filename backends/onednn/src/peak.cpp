// SPDX-License-Identifier: Apache-2.0
#include "peak.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "isa.h"

namespace fcngraph::onednn {
namespace {

// More than latency times units of any core, fewer than there are registers.
constexpr int kChains = 12;
constexpr std::int64_t kRounds = 1'000'000;
constexpr int kTurns = 5;

template <int kLanes>
struct Lanes {
  typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
};

// Vectors are made here: a function for one instruction set cannot hand them to one for another.
template <class Vector, int... kChain>
inline __attribute__((always_inline)) void multiply_and_add(std::integer_sequence<int, kChain...>, float* out) {
  Vector sum[kChains] = {(Vector{} + static_cast<float>(kChain))...};
  const Vector factor = Vector{} + 0.5F, addend = Vector{} + 1.0F;
  for (std::int64_t i = 0; i < kRounds; ++i) {
    ((sum[kChain] = sum[kChain] * factor + addend), ...);
    asm volatile("");
  }
  *out = ((sum[kChain][0]) + ...);
}

using Chains = std::make_integer_sequence<int, kChains>;

#if defined(__x86_64__)
__attribute__((target("avx512f,fma"))) void spin_avx512(float* out) {
  multiply_and_add<Lanes<16>::Vector>(Chains{}, out);
}
__attribute__((target("avx2,fma"))) void spin_avx2(float* out) { multiply_and_add<Lanes<8>::Vector>(Chains{}, out); }
#endif
void spin_scalar(float* out) { multiply_and_add<Lanes<4>::Vector>(Chains{}, out); }

struct Spin {
  void (*run)(float*);
  int lanes;
};

Spin spin_in_use() {
  switch (isa_in_use()) {
#if defined(__x86_64__)
    case Isa::avx512:
      return {spin_avx512, 16};
    case Isa::avx2:
      return {spin_avx2, 8};
#endif
    default:
      return {spin_scalar, 4};
  }
}

}  // namespace

double measure_peak() {
  using Clock = std::chrono::steady_clock;
  const Spin spin = spin_in_use();
  const int threads = omp_get_max_threads();
  double best = 0;
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto start = Clock::now();
    float sum = 0;
#pragma omp parallel num_threads(threads) reduction(+ : sum)
    spin.run(&sum);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (sum > 0) best = std::max(best, 2.0 * kChains * spin.lanes * static_cast<double>(kRounds) * threads / seconds);
  }
  return best;
}

}  // namespace fcngraph::onednn
