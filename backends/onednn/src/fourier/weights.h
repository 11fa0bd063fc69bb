// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include <fcngraph/engine/types.h>

#include "transform.h"

namespace fcngraph::onednn::fourier {

/// How the spectra of weights lie: [frequency][vector of output channels][input channel][re, im][lane], with zeros where channels are
/// filled up to multiples of 16, as in the widest blocks of data. The tag names periods and lanes: "fourier10x10:16o".
struct Packing {
  Extent2 period;
  std::int64_t lanes = 0;
  bool operator==(const Packing&) const = default;
};

Layout weight_layout(const TensorType& weight, const Packing& packing);

/// Empty for every other layout.
std::optional<Packing> packing_of(const Layout& layout);

/// Input channels of a vector of output channels, and those vectors, filled up.
std::int64_t weight_channels(std::int64_t inputs);
std::int64_t weight_panels(std::int64_t outputs, std::int64_t lanes);

/// Transforms weights OIHW of `type` in plain layout to the conjugates of their spectra. Computed in f64 and rounded once.
void pack(const TensorType& type, const Packing& packing, const float* weight, float* packed);

}  // namespace fcngraph::onednn::fourier
