// SPDX-License-Identifier: Apache-2.0
#include "operations.h"

#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "fourier/tables.h"
#include "fourier/weights.h"
#include "winograd/transform_points.h"

namespace fcngraph::onednn {
namespace {

/// Of a map that is cut into tiles, or into quads of them.
double tiles(const Shape& map, std::int64_t tile, bool quads) {
  using winograd::tiles_along;
  const std::int64_t count = map[0] * tiles_along(map[2], tile, quads) * tiles_along(map[3], tile, quads);
  return static_cast<double>(count);
}

double channel_pairs(const TensorType& a, const TensorType& b) {
  return static_cast<double>(a.shape[1]) * static_cast<double>(b.shape[1]);
}

/// The products of all numbers of each tile.
double tile_products(const StepView& step, std::int64_t tile) {
  const auto numbers = static_cast<double>(winograd::numbers_of(tile));
  if (step.op == &ops::conv2d_grad_weight() || step.op == &ops::conv2d_transpose_grad_weight()) {
    const TensorType &x = *step.operands[0], &grad_y = *step.operands[1];
    return 2 * numbers * channel_pairs(x, grad_y) * tiles(grad_y.shape, tile, false);
  }
  const TensorType &x = *step.operands[0], &y = *step.results[0];
  Shape sums = y.shape;
  bool pools = false;
  if (step.op == &ops::conv2d()) {
    const auto& attrs = step.attrs->as<Conv2dAttrs>();
    const Extent2 all = window_output(attrs.window(), x.shape[2], x.shape[3]);
    sums = {x.shape[0], y.shape[1], all.h, all.w};
    pools = attrs.epilogue == Epilogue::relu_max_pool;
  }
  return 2 * numbers * channel_pairs(x, y) * tiles(sums, tile, winograd::in_quads(tile, pools));
}

}  // namespace

double operations_of(const StepView& step, const Capability& answer) {
  if (answer.kernel.starts_with("winograd:pack")) return 0;
  if (answer.kernel.starts_with("winograd7x7")) return tile_products(step, winograd::kLargeTile);
  if (answer.kernel.starts_with("winograd")) return tile_products(step, winograd::kSmallTile);
  if (step.op != &ops::conv2d() || answer.operands.size() < 2) return 0;
  const auto packing = fourier::packing_of(answer.operands[1]);
  if (!packing) return 0;
  const TensorType &x = *step.operands[0], &y = *step.results[0];
  return 2 * fourier::products(step, *packing) * channel_pairs(x, y) * static_cast<double>(x.shape[0]);
}

}  // namespace fcngraph::onednn
