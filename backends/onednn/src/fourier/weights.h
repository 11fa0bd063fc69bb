// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <fcngraph/engine/types.h>

#include "transform.h"

namespace fcngraph::onednn::fourier {

/// How the spectra of weights lie, with zeros where channels are filled up (`filled_channels`):
/// - of the plane: [frequency][vector of output channels][input channel][re, im][lane];
/// - of rows, where the period down is 1: [frequency along x][vector of output channels][row of the kernel][input channel][re, im]
///   [lane], without im at frequencies whose numbers are real. In 16 bits they are times a power of two for each output channel, and
///   behind them, at a multiple of 64 bytes, lie the factors that undo it: f32 [output channel].
/// The tag names periods, lanes and type: "fourier10x10:16o", "fourier1x10:16o:f16".
struct Packing {
  Extent2 period;
  std::int64_t lanes = 0;
  DType type = DType::f32;

  bool of_rows() const { return period.h == 1; }
  bool operator==(const Packing&) const = default;
};

Layout weight_layout(const TensorType& weight, const Packing& packing);

/// Empty for every other layout.
std::optional<Packing> packing_of(const Layout& layout);

/// Vectors of output channels, filled up.
std::int64_t weight_panels(std::int64_t outputs, std::int64_t lanes);

/// Where the factors of weights OIHW in 16 bits begin.
std::int64_t factors_offset(const Shape& weight, const Packing& packing);

/// Transforms weights OIHW of `type` in plain layout to the conjugates of their spectra, over the numbers of a period. Computed in f64
/// and rounded to f32, or to 16 bits so that what is lost sums up to next to nothing over the input channels.
void pack(const TensorType& type, const Packing& packing, const float* weight, std::byte* packed);

}  // namespace fcngraph::onednn::fourier
