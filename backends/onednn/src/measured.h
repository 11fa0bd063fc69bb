// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include <fcngraph/engine/backend.h>

#include "kernel_def.h"

namespace fcngraph::onednn {

/// The words of `KernelPolicy::kernels` that each ask for one kernel.
std::span<const std::string_view> measured_kernels();

/// The policy that asks for the kernel that took least when this step was measured on this machine; `policy` itself where it was not,
/// where another is asked for, and where the layout of weights tells already.
KernelPolicy measured_policy(const StepView& step, const KernelPolicy& policy);

/// What the op's kernel answers by the measured policy, with the times as the reason; by what is expected where nothing was measured, or
/// the kernel that was is none of this step's.
Capability measured_capability(const KernelDef& def, const StepView& step, const KernelPolicy& policy);

}  // namespace fcngraph::onednn
