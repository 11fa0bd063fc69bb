// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <fcngraph/engine/types.h>

#include "launch.h"
#include "storage.h"

namespace fcngraph::cudnn {

/// Place of an element: image, channel, row, column.
struct Place {
  std::int64_t n, c, h, w;
};

/// Extents and distances of a tensor seen as images of channels of rows of columns. [N, C] has one row of one column, [N, C, L] one
/// row of L.
struct Grid {
  std::int64_t n = 1, c = 1, h = 1, w = 1;
  std::int64_t sn = 0, sc = 0, sh = 0, sw = 0;

  FCNGRAPH_DEVICE std::int64_t elements() const { return n * c * h * w; }
  FCNGRAPH_DEVICE std::int64_t pixels() const { return n * h * w; }
  FCNGRAPH_DEVICE std::int64_t at(const Place& p) const { return p.n * sn + p.c * sc + p.h * sh + p.w * sw; }
  /// Element i, counted with the channel innermost: neighbours in i are neighbours in memory where channels lie innermost.
  FCNGRAPH_DEVICE Place place(std::int64_t i) const {
    // Divisions of 32 bits are several times cheaper than those of 64.
    if (i < (std::int64_t{1} << 31)) return split(static_cast<std::uint32_t>(i));
    return split(static_cast<std::uint64_t>(i));
  }
  /// Pixel i, counted over images, rows, columns; its channel is 0.
  FCNGRAPH_DEVICE Place pixel(std::int64_t i) const {
    const std::int64_t column = i % w, row = i / w % h;
    return {i / w / h, 0, row, column};
  }

 private:
  template <class Index>
  FCNGRAPH_DEVICE Place split(Index i) const {
    const Index channels = static_cast<Index>(c), columns = static_cast<Index>(w), rows = static_cast<Index>(h);
    const Index pixel = i / channels, line = pixel / columns;
    return {static_cast<std::int64_t>(line / rows), static_cast<std::int64_t>(i % channels),
            static_cast<std::int64_t>(line % rows), static_cast<std::int64_t>(pixel % columns)};
  }
};

/// The layout of images and weights with the channel innermost: NHWC, OHWI.
inline constexpr const char* kChannelsLast = "acdb";
/// That of a transposed convolution's weights, in which they are OHWI to the convolution whose data gradient it is: I, h, w, O.
inline constexpr const char* kInputsOutermost = "bcda";

/// The grid of a tensor of rank 0 to 4 in one of these layouts.
inline Grid grid_of(const TensorType& type) {
  Grid g;
  const Shape& s = type.shape;
  if (s.rank() > 0) g.n = s[0];
  if (s.rank() > 1) g.c = s[1];
  if (s.rank() == 3) g.w = s[2];
  if (s.rank() == 4) g.h = s[2], g.w = s[3];
  if (type.layout.is_plain()) {
    g.sw = 1, g.sh = g.w, g.sc = g.h * g.w, g.sn = g.c * g.h * g.w;
  } else if (type.layout.tag == kInputsOutermost) {
    g.sn = 1, g.sw = g.n, g.sh = g.w * g.n, g.sc = g.h * g.w * g.n;
  } else {
    g.sc = 1, g.sw = g.c, g.sh = g.w * g.c, g.sn = g.h * g.w * g.c;
  }
  return g;
}

/// The tensor's layout as kChannelsLast; plain where it has no rank of 4.
inline Layout channels_last(const TensorType& type) {
  if (type.shape.rank() != 4) return {};
  return {kChannelsLast, type.shape.elements() * static_cast<std::int64_t>(size_of(type.dtype))};
}

}  // namespace fcngraph::cudnn
