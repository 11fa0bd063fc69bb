// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/backend.h>

namespace fcngraph::onednn {

/// Multiplications and additions of the products that a kernel of our own computes in the place of the plain sum's, its transforms
/// apart. 0: those of the plain sum.
double operations_of(const StepView& step, const Capability& answer);

}  // namespace fcngraph::onednn
