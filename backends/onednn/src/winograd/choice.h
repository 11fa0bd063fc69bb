// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "layer.h"

namespace fcngraph::onednn::winograd {

/// Times in multiply-adds of a full vector pipe, of one number each.
struct Estimate {
  double direct = 0;
  double winograd = 0;
};

/// What a layer is expected to take; `sum_pixels` are those of its sums, before any pooling. docs/kernels.md has the measurements.
Estimate estimate(const Layer& layer, const Loops& loops, std::int64_t sum_pixels);

/// The same of its weight gradient.
Estimate estimate_weight_gradient(const Layer& layer);

}  // namespace fcngraph::onednn::winograd
