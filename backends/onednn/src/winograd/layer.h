// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "../blocked_image.h"
#include "transform_points.h"

namespace fcngraph::onednn::winograd {

/// Bytes that stay in the second cache of a core.
constexpr std::int64_t kNearCache = std::int64_t{1} << 20;

/// A convolution as the loops see it. Tiles are counted over all images, row by row.
struct Layer {
  BlockedImage x, y;
  std::int64_t pad_top = 0, pad_left = 0;
  std::int64_t tiles_down = 0, tiles_across = 0, tiles = 0;
  std::int64_t in_channels = 0;      ///< of the weights, as are
  std::int64_t out_channels = 0;     ///< those with a bias
  std::int64_t weight_channels = 0;  ///< input channels of a panel of weights
  std::int64_t panels = 0;
  bool relu = false, pool = false;
  std::int64_t tile = kSmallTile;  ///< pixels of the result on a side of a tile
  bool quads = false;              ///< tiles are counted by two times two, whose odd sides are pooled together
  bool flip = false;               ///< of the weight gradient: its taps are written in reverse
};

/// Tiles that are worked on together, and where their numbers lie.
struct Block {
  std::int64_t first = 0, count = 0;
  void* v = nullptr;   ///< the inputs: [row group][channel group][row][number][lane], of `Loops::number_bytes` each
  float* m = nullptr;  ///< the products: [channel group][tile][number][lane]
  std::int64_t m_stride = 0;  ///< numbers between channel groups of m
};

/// Operands and result of a launch.
struct Tensors {
  const float* x = nullptr;
  const void* weight = nullptr;   ///< packed: numbers of `Loops::number_bytes` each
  const float* bias = nullptr;    ///< or null
  const float* addend = nullptr;  ///< or null; lies like y
  float* y = nullptr;
};

/// Tiles whose share of the weight gradient is summed together, and where their numbers lie: [36][channel group][tile][lane], where
/// `tiles` is what there is room for.
struct GradientBlock {
  std::int64_t first = 0, count = 0, tiles = 0;
  float* v = nullptr;                       ///< of x
  float* w = nullptr;                       ///< of grad_y
  std::int64_t v_stride = 0, w_stride = 0;  ///< numbers between the 36
  float* m = nullptr;                       ///< the sums of the part that it lies in
  bool opens = false;                       ///< that part: sums begin here
};

/// Operands of the weight gradient, its result, and the sums that it is made of: [part of the tiles][36][output channel][input
/// channel], filled up to groups.
struct GradientTensors {
  const float* x = nullptr;
  const float* grad_y = nullptr;
  float* grad_weight = nullptr;  ///< OIHW
  float* m = nullptr;
  std::int64_t parts = 1;
};

/// The loops for tiles of one size. Each works on the items [begin, end) of its kind and gives the same bits however these are
/// divided: each number is one sum, in order of the input channels.
struct TileLoops {
  /// Items: channel group of x * tiles of the block + tile.
  void (*transform_input)(const Layer&, const Tensors&, const Block&, std::int64_t begin, std::int64_t end) = nullptr;
  /// Items: number of a tile * panels + panel.
  void (*multiply)(const Layer&, const Tensors&, const Block&, std::int64_t begin, std::int64_t end) = nullptr;
  /// Items: channel group of y * tiles of the block + tile; with `quads`, a fourth of them.
  void (*transform_output)(const Layer&, const Tensors&, const Block&, std::int64_t begin, std::int64_t end) = nullptr;
};

/// The loops for one instruction set.
struct Loops {
  const char* name;
  std::int64_t lanes;         ///< numbers of a vector
  std::int64_t panel;         ///< output channels that are multiplied together
  std::int64_t rows;          ///< tiles that are multiplied together, at most
  std::int64_t number_bytes;  ///< of a number that is multiplied: 4, or 2 for bf16; sums are f32
  TileLoops small, large;     ///< bf16 has no large tiles

  const TileLoops& of(std::int64_t tile) const { return tile == kLargeTile ? large : small; }

  // Of the weight gradient, in f32 alone and of small tiles; sums go in order of the tiles.
  std::int64_t gradient_rows = 0;  ///< output channels whose weight gradients are summed together
  /// Items: channel group of x * tiles of the block + tile; then those of grad_y in the same way.
  void (*transform_values)(const Layer&, const GradientTensors&, const GradientBlock&, std::int64_t begin,
                           std::int64_t end) = nullptr;
  void (*transform_gradient)(const Layer&, const GradientTensors&, const GradientBlock&, std::int64_t begin,
                             std::int64_t end) = nullptr;
  /// Items: number of the 36 * groups of `gradient_rows` output channels + group.
  void (*sum_products)(const Layer&, const GradientBlock&, std::int64_t begin, std::int64_t end) = nullptr;
  /// Items: output channels. From the sums of all parts to taps.
  void (*transform_sums)(const Layer&, const GradientTensors&, std::int64_t begin, std::int64_t end) = nullptr;
};

/// Whether they multiply in bf16.
inline bool in_bf16(const Loops& loops) { return loops.number_bytes < static_cast<std::int64_t>(sizeof(float)); }

}  // namespace fcngraph::onednn::winograd
