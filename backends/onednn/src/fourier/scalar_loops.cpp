// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <utility>

#include "layer.h"
#include "transform.h"

namespace fcngraph::onednn::fourier {
namespace {

// What every machine has: vectors of four where the compiler knows them.
constexpr std::int64_t kLanes = 4;
constexpr int kMostRows = 4;

template <class T>
inline T in_register(T x) {
  return x;
}

#include "loops.inc"

}  // namespace

const Loops& scalar_loops() {
  static constexpr Loops loops{"scalar", kLanes, kMostRows, transform_input, multiply, transform_output};
  return loops;
}

}  // namespace fcngraph::onednn::fourier
