// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <fcngraph/engine/types.h>

#include "transform_points.h"

namespace fcngraph::onednn::winograd {

/// Which way a pass runs through weights OIHW: a convolution from I channels to O, and back, by the flipped kernel; a transposed
/// convolution from I to O by the flipped kernel, and back.
enum class Direction { forward, backward, transposed, transposed_backward };

/// Whether it writes O channels.
constexpr bool writes_outputs(Direction d) { return d == Direction::forward || d == Direction::transposed; }

/// Whether the kernel is flipped. Such a pass is the gradient of a convolution with the same window: what padding added is cut off.
constexpr bool flips(Direction d) { return d == Direction::backward || d == Direction::transposed; }

/// Channels that are read, or written.
std::int64_t channels_read(const Shape& weight, Direction direction);
std::int64_t channels_written(const Shape& weight, Direction direction);

/// Transformed weights of a 3x3 kernel: [number of a tile][panel of channels written][channel read][channel of the panel],
/// with zeros where channels are filled up to a multiple of 16, as in the widest blocks of data, and to whole panels; in bf16 two
/// channels read lie side by side: [pair of channels read][channel of the panel][2]. The tag names the panel and the way: "winograd4x4:32o",
/// "32i" for the way back, "32ot" and "32it" for those of a transposed convolution; "winograd4x4_bf16:32o",
/// "winograd7x7:32o".
struct Packing {
  std::int64_t panel = 0;
  Direction direction = Direction::forward;
  DType type = DType::f32;
  std::int64_t tile = kSmallTile;
  bool operator==(const Packing&) const = default;
};

Layout weight_layout(const TensorType& weight, const Packing& packing);

/// How such a layout is packed; empty for all others.
std::optional<Packing> packing_of(const Layout& layout);

/// Panels of the channels written, filled up.
std::int64_t weight_panels(std::int64_t written, std::int64_t panel);

/// Transforms weights OIHW of `type` in plain layout. Computed in f64 and rounded once.
void pack(const TensorType& type, const Packing& packing, const float* weight, std::byte* packed);

}  // namespace fcngraph::onednn::winograd
