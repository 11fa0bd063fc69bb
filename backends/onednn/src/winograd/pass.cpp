// SPDX-License-Identifier: Apache-2.0
#include "pass.h"

#include <array>
#include <cstdio>

#include "../isa.h"
#include "transform_points.h"

namespace fcngraph::onednn::winograd {
namespace {

constexpr double kGain = 0.85;

}  // namespace

const Loops& loops_in_use() {
  switch (isa_in_use()) {
#if defined(__x86_64__)
    case Isa::avx512:
      return avx512_loops();
    case Isa::avx2:
      return avx2_loops();
#endif
    default:
      return scalar_loops();
  }
}

bool has_form(const Window& window, std::int64_t groups) {
  const Extent2 one{1, 1};
  return window.kernel == Extent2{kTaps, kTaps} && window.stride == one && window.dilation == one && groups == 1;
}

Layer layer_of(const Pass& pass, const Loops& loops) {
  const Shape& weight = pass.weight->shape;
  Layer layer;
  layer.x = blocked_image(pass.x);
  layer.y = blocked_image(pass.y);
  layer.pad_top = pass.pads.top;
  layer.pad_left = pass.pads.left;
  layer.tiles_down = (pass.sum.h + kTile - 1) / kTile;
  layer.tiles_across = (pass.sum.w + kTile - 1) / kTile;
  layer.tiles = pass.x.shape[0] * layer.tiles_down * layer.tiles_across;
  layer.in_channels = channels_read(weight, pass.direction);
  layer.out_channels = channels_written(weight, pass.direction);
  layer.weight_channels = weight_channels(layer.in_channels);
  layer.panels = weight_panels(layer.out_channels, loops.panel);
  layer.relu = pass.relu;
  layer.pool = pass.pool;
  return layer;
}

bool is_faster(const Estimate& estimate) { return estimate.winograd < kGain * estimate.direct; }

std::string in_words(const Estimate& estimate, const char* form) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%s is expected to take %.2f of the direct time", form,
                estimate.winograd / estimate.direct);
  return text.data();
}

}  // namespace fcngraph::onednn::winograd
