// SPDX-License-Identifier: Apache-2.0
#include "operations.h"

#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "fourier/tables.h"
#include "fourier/weights.h"
#include "winograd/transform_points.h"

namespace fcngraph::onednn {
namespace {

using winograd::kNumbers, winograd::kTile;

double tiles(const Shape& map) {
  return static_cast<double>(map[0] * ((map[2] + kTile - 1) / kTile) * ((map[3] + kTile - 1) / kTile));
}

double channel_pairs(const TensorType& a, const TensorType& b) {
  return static_cast<double>(a.shape[1]) * static_cast<double>(b.shape[1]);
}

/// 36 products for each tile of 4x4 sums.
double tile_products(const StepView& step) {
  if (step.op == &ops::conv2d_grad_weight() || step.op == &ops::conv2d_transpose_grad_weight()) {
    const TensorType &x = *step.operands[0], &grad_y = *step.operands[1];
    return 2 * kNumbers * channel_pairs(x, grad_y) * tiles(grad_y.shape);
  }
  const TensorType &x = *step.operands[0], &y = *step.results[0];
  Shape sums = y.shape;
  if (step.op == &ops::conv2d()) {
    const Extent2 all = window_output(step.attrs->as<Conv2dAttrs>().window(), x.shape[2], x.shape[3]);
    sums = {x.shape[0], y.shape[1], all.h, all.w};
  }
  return 2 * kNumbers * channel_pairs(x, y) * tiles(sums);
}

}  // namespace

double operations_of(const StepView& step, const Capability& answer) {
  if (answer.kernel.starts_with("winograd4x4:pack")) return 0;
  if (answer.kernel.starts_with("winograd")) return tile_products(step);
  if (step.op != &ops::conv2d() || answer.operands.size() < 2) return 0;
  const auto packing = fourier::packing_of(answer.operands[1]);
  if (!packing) return 0;
  const TensorType &x = *step.operands[0], &y = *step.results[0];
  return 2 * fourier::products(step, *packing) * channel_pairs(x, y) * static_cast<double>(x.shape[0]);
}

}  // namespace fcngraph::onednn
