// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "convolution.h"
#include "kernel_def.h"

namespace fcngraph::cudnn {

/// What the backend answers to a step, and how it makes one ready, given where convolution engines come from.
Capability capability_of(const StepView& step, const KernelPolicy& policy, EngineSource& engines);
/// Throws BackendError where `capability_of` says no.
Enqueue enqueue_of(const StepView& step, const KernelPolicy& policy, EngineSource& engines);

}  // namespace fcngraph::cudnn
