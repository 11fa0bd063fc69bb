// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// Shapes of upsample; for its gradient the operand is the output.
std::vector<OpCase> upsample_cases(bool gradient);

}  // namespace fcngraph::ops
