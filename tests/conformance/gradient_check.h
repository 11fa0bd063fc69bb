// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <fcngraph/engine/op.h>

namespace fcngraph {

/// What the comparison of an op's gradient rule with finite differences found.
struct GradientReport {
  std::size_t checked = 0;              ///< elements whose derivative was compared
  std::size_t kinks = 0;                ///< elements left out: the function has a kink within a step of them
  std::vector<std::string> mismatches;  ///< a line for each element, and each operand without a gradient
};

/// Runs one case of an op in f64. Every floating operand that can have a gradient is a trainable parameter, the loss
/// is a random linear functional of result 0 (the others of the library's ops are saved for the gradient, or updates:
/// not differentiable), and the pass `differentiate` yields the gradients, which are compared with central
/// differences of the interpreted op.
GradientReport check_gradient(const OpDef& op, const OpCase& one);

}  // namespace fcngraph
