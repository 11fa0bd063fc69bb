// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/backend.h>

namespace fcngraph::onednn {

/// Plain layouts for every operand and result.
Capability plain_capability(const StepView& step, std::string kernel, std::string reason, std::int64_t workspace = 0);

/// For ops that do the same to every number, wherever it lies: operands and results of operand 0's shape share one layout (the
/// first that is not plain), others are plain.
Capability same_layout_capability(const StepView& step, std::string kernel, std::string reason);

/// The layout that the operands of operand 0's shape would share.
Layout shared_layout(const StepView& step);

}  // namespace fcngraph::onednn
