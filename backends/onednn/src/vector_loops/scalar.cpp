// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <utility>

#include <fcngraph/engine/half.h>

#include "../fourier/transform.h"
#include "../winograd/transform_points.h"
#include "vector_loops.h"

namespace fcngraph::onednn {
namespace {

constexpr const char* kName = "scalar";
// What every machine has: vectors of four where the compiler knows them.
constexpr std::int64_t kLanes = 4;
constexpr int kWinogradRows = 6, kSpectrumRows = 4;
constexpr int kGradientRows = 4, kGradientGroups = 1;

#include "vector.inc"

inline V load(const Half* p) {
  V x;
  for (std::int64_t l = 0; l < kLanes; ++l) x[l] = half_to_float(p[l].bits);
  return x;
}

inline V in_register(V x) { return x; }

inline V add_product(V sum, V x, V y) { return sum + x * y; }

}  // namespace

#include "all_loops.inc"

const VectorLoops& scalar_loops() { return kLoops; }

}  // namespace fcngraph::onednn
