// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <fcngraph/engine/backend.h>

namespace fcngraph::onednn {

/// The op's own loop, on plain tensors and one thread; refused where the op has none.
Capability reference_capability(const StepView& step, std::string reason);
std::unique_ptr<Kernel> reference_kernel(const StepView& step);

}  // namespace fcngraph::onednn
