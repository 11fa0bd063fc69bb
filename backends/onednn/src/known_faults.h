// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/engine/backend.h>

namespace fcngraph::onednn {

/// What oneDNN's convolutions and their gradients compute wrongly, or break at, in the place of refusing it; empty: nothing that we
/// know of. Found by tests/sweep with oneDNN 2.6.3.
std::string known_fault(const StepView& step);

}  // namespace fcngraph::onednn
