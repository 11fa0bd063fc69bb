// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <utility>

#include "layer.h"
#include "transform_points.h"

namespace fcngraph::onednn::winograd {
namespace {

// What every machine has: vectors of four where the compiler knows them.
constexpr std::int64_t kLanes = 4;
constexpr int kMostRows = 6;
constexpr int kGradientRows = 4, kGradientGroups = 1;

template <class T>
inline T in_register(T x) {
  return x;
}

#include "loops.inc"

#include "gradient_loops.inc"

}  // namespace

const Loops& scalar_loops() {
  static constexpr Loops loops{"scalar",     kLanes,           kPanel,        kMostRows,        transform_input,
                               multiply,     transform_output, kGradientRows, transform_values, transform_gradient,
                               sum_products, transform_sums};
  return loops;
}

}  // namespace fcngraph::onednn::winograd
