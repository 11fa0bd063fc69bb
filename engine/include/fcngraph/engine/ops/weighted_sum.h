// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <fcngraph/engine/op.h>

namespace fcngraph {

struct WeightedSumAttrs {
  std::vector<double> weights;
  static constexpr auto fields() {
    return std::tuple{Field{"weights", &WeightedSumAttrs::weights, "a factor for each value; none given: all are 1"}};
  }
};

namespace ops {

/// (values[]...) -> sum[] of weights[i] * value i, in order: the joint loss of several heads. The gradient of value i
/// is the weighted_sum of the sum's gradient alone, with weight i; none where that is 0.
FCNGRAPH_API const OpDef& weighted_sum();

}  // namespace ops
}  // namespace fcngraph
