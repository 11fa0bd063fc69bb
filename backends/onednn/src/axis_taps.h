// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <fcngraph/engine/ops/upsample.h>

namespace fcngraph::onednn {

/// What upsampling by a whole factor does along one axis. Output d is input[low[d]] * (1 - fraction[d]) + input[high[d]] *
/// fraction[d]; backwards, input i sums weights[k] * output[first[i] + k - begin[i]] for k in [begin[i], begin[i + 1]).
struct AxisTaps {
  std::vector<std::int32_t> low, high;
  std::vector<float> fraction;
  std::vector<std::int64_t> first, begin;
  std::vector<float> weights;
};

AxisTaps axis_taps(std::int64_t input, std::int64_t factor, Interpolation kind);

}  // namespace fcngraph::onednn
