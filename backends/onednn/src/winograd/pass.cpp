// SPDX-License-Identifier: Apache-2.0
#include "pass.h"

#include "transform_points.h"

namespace fcngraph::onednn::winograd {

Pads flipped(const Pads& pads) {
  return {kTaps - 1 - pads.top, kTaps - 1 - pads.left, kTaps - 1 - pads.bottom, kTaps - 1 - pads.right};
}

bool has_form(const Window& window, std::int64_t groups) {
  const Extent2 one{1, 1};
  return window.kernel == Extent2{kTaps, kTaps} && window.stride == one && window.dilation == one && groups == 1;
}

Layer layer_of(const Pass& pass, const Loops& loops, std::int64_t tile) {
  const Shape& weight = pass.weight->shape;
  Layer layer;
  layer.x = blocked_image(pass.x);
  layer.y = blocked_image(pass.y);
  layer.pad_top = pass.pads.top;
  layer.pad_left = pass.pads.left;
  layer.tile = tile;
  layer.quads = in_quads(tile, pass.pool);
  layer.tiles_down = tiles_along(pass.sum.h, tile, layer.quads);
  layer.tiles_across = tiles_along(pass.sum.w, tile, layer.quads);
  layer.tiles = pass.x.shape[0] * layer.tiles_down * layer.tiles_across;
  layer.in_channels = channels_read(weight, pass.direction);
  layer.out_channels = channels_written(weight, pass.direction);
  layer.weight_channels = filled_channels(layer.in_channels);
  layer.panels = weight_panels(layer.out_channels, loops.panel);
  layer.relu = pass.relu;
  layer.pool = pass.pool;
  return layer;
}

}  // namespace fcngraph::onednn::winograd
