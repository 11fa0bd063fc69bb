// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/engine/plan.h>

namespace fcngraph::cli {

/// The plan as a picture that needs nothing else: a box a step with its op, kernel and result, coloured by phase, a line a tensor.
/// Parameters, states and constants are left out.
std::string as_svg(const Plan& plan);

}  // namespace fcngraph::cli
