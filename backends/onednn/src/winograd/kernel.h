// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include <fcngraph/engine/backend.h>

#include "weights.h"

namespace fcngraph::onednn::winograd {

/// The answer for a conv2d or conv2d_transpose, or for the gradient of its data, that Winograd's F(4x4, 3x3) or F(7x7, 3x3) runs and that it is
/// expected to run faster than oneDNN; empty for others, and where the policy leaves it out. Once layouts are final, the weights' tells whether it was chosen.
std::optional<Capability> capability(const StepView& step, Direction direction, const KernelPolicy& policy);

/// The kernel for such a step whose weights lie transformed; null for others.
std::unique_ptr<Kernel> prepare(const StepView& step, Direction direction);

/// The same for the gradient of the weights, F(3x3, 4x4). No layout tells: the policy must be that of the answer.
std::optional<Capability> weight_gradient_capability(const StepView& step, const KernelPolicy& policy);
std::unique_ptr<Kernel> prepare_weight_gradient(const StepView& step, const KernelPolicy& policy);

/// The same for the reorder that transforms weights.
std::optional<Capability> pack_capability(const StepView& step);
std::unique_ptr<Kernel> prepare_pack(const StepView& step);

}  // namespace fcngraph::onednn::winograd
