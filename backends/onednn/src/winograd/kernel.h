// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include <fcngraph/engine/backend.h>

namespace fcngraph::onednn::winograd {

/// The answer for a conv2d that Winograd's F(4x4, 3x3) runs and that it is expected to run faster than oneDNN; empty for others, and
/// where the policy leaves it out. Once layouts are final, the weights' tells whether it was chosen.
std::optional<Capability> capability(const StepView& step, const KernelPolicy& policy);

/// The kernel for a conv2d whose weights lie transformed; null for others.
std::unique_ptr<Kernel> prepare(const StepView& step);

/// The same for the reorder that transforms weights.
std::optional<Capability> pack_capability(const StepView& step);
std::unique_ptr<Kernel> prepare_pack(const StepView& step);

}  // namespace fcngraph::onednn::winograd
