// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <utility>

#include <fcngraph/engine/half.h>

#include "../fourier/transform.h"
#include "../winograd/transform_points.h"
#include "vector_loops.h"

namespace fcngraph::onednn {
namespace {

// What every machine has: vectors of four where the compiler knows them.
constexpr std::int64_t kLanes = 4;

#include "vector.inc"

inline V load(const Half* p) {
  V x;
  for (std::int64_t l = 0; l < kLanes; ++l) x[l] = half_to_float(p[l].bits);
  return x;
}

inline V in_register(V x) { return x; }

}  // namespace

namespace winograd {
namespace {

constexpr int kMostRows = 6;
constexpr int kGradientRows = 4, kGradientGroups = 1;

#include "../winograd/loops.inc"

#include "../winograd/gradient_loops.inc"

}  // namespace
}  // namespace winograd

namespace fourier {
namespace {

constexpr int kMostRows = 4;

#include "../fourier/row_loops.inc"

#include "../fourier/plane_loops.inc"

}  // namespace
}  // namespace fourier

const VectorLoops& scalar_loops() {
  static constexpr VectorLoops loops{
      {"scalar", kLanes, winograd::kPanel, winograd::kMostRows, winograd::transform_input, winograd::multiply,
       winograd::transform_output, winograd::kGradientRows, winograd::transform_values, winograd::transform_gradient,
       winograd::sum_products, winograd::transform_sums},
      {"scalar",
       kLanes,
       {fourier::transform_plane, fourier::multiply_plane, fourier::restore_plane},
       {fourier::transform_rows, fourier::multiply_frequencies<float>, fourier::restore_rows},
       {fourier::transform_rows, fourier::multiply_frequencies<Half>, fourier::restore_rows},
       {fourier::transform_rows, fourier::multiply_frequencies<Bfloat>, fourier::restore_rows}}};
  return loops;
}

}  // namespace fcngraph::onednn
