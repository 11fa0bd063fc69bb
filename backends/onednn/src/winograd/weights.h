// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <fcngraph/engine/types.h>

namespace fcngraph::onednn::winograd {

/// Transformed weights of a 3x3 kernel: [number of the 36][panel of output channels][input channel][output channel of the panel],
/// with zeros where channels are filled up to a multiple of 16, as in the widest blocks of data, and to whole panels. The tag names the panel: "winograd4x4:32o".
Layout weight_layout(const TensorType& weight, std::int64_t panel);

/// The panel of such a layout; empty for all others.
std::optional<std::int64_t> panel_of(const Layout& layout);

/// Input channels of a panel, and panels of the output channels.
std::int64_t weight_channels(std::int64_t channels);
std::int64_t weight_panels(std::int64_t outputs, std::int64_t panel);

/// Transforms weights OIHW of `type` in plain layout. Computed in f64 and rounded once.
void pack(const TensorType& type, std::int64_t panel, const float* weight, float* packed);

}  // namespace fcngraph::onednn::winograd
