// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "../estimate.h"
#include "layer.h"

namespace fcngraph::onednn::winograd {

/// What a layer is expected to take; `sum_pixels` are those of its sums, before any pooling. Weights that train are transformed in
/// every step.
Estimate estimate(const Layer& layer, const Loops& loops, std::int64_t sum_pixels, bool trains);

/// Whether large tiles are worth their weights, which are more than twice as many numbers: they must be faster by a tenth, and
/// by half a millisecond where no cache holds what is more; and by some products for each number more where weights are to be small.
bool prefers_large(const Estimate& large, const Estimate& small, const Layer& layer, bool small_weights);

/// What its weight gradient is expected to take.
Estimate estimate_weight_gradient(const Layer& layer);

}  // namespace fcngraph::onednn::winograd
