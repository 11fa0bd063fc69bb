// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "../estimate.h"
#include "layer.h"

namespace fcngraph::onednn::winograd {

/// What a layer is expected to take; `sum_pixels` are those of its sums, before any pooling. Weights that train are transformed in
/// every step.
Estimate estimate(const Layer& layer, const Loops& loops, std::int64_t sum_pixels, bool trains);

/// The same of its weight gradient.
Estimate estimate_weight_gradient(const Layer& layer);

}  // namespace fcngraph::onednn::winograd
