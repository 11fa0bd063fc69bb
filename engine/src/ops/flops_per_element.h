// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// So many operations for each element of the first operand. A square root, exponential or random number counts as one.
inline CostRule flops_per_element(double operations) {
  return [operations](const Attrs&, std::span<const TensorType* const> operands, std::span<const TensorType* const>) {
    return operations * static_cast<double>(operands[0]->shape.elements());
  };
}

}  // namespace fcngraph::ops
