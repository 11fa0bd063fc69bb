// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/engine/plan.h>

namespace fcngraph::cli {

/// A plan's memory over its steps as an SVG document: above, the bytes that live at each step, and the arena's size; below, the
/// arena itself, a bar from first to last step for each value at the place where it lies. Bars have their names as tooltips.
std::string memory_svg(const Plan& plan);

}  // namespace fcngraph::cli
