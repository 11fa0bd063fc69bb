// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include <fcngraph/engine/backend.h>

#include "device_context.h"

namespace fcngraph::onednn {

/// The answer for a convolution whose products may be of bf16 (KernelPolicy::products): oneDNN's, with its data rounded in the
/// workspace first, its weights stored as bf16, sums and result in f32. Empty where the policy, this machine or oneDNN has none, or where it
/// is expected to be no faster.
std::optional<Capability> bf16_capability(const StepView& step, const KernelPolicy& policy);

/// Its kernel; null where the weights do not lie as it answered.
std::unique_ptr<Kernel> prepare_bf16(const StepView& step, const DeviceContext& context);

}  // namespace fcngraph::onednn
