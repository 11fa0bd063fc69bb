// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include <fcngraph/engine/backend.h>

namespace fcngraph::onednn::fourier {

/// The answer for a conv2d with a large kernel on a small map whose weights stay as they are, that is expected to run faster as a
/// product of spectra than by oneDNN; empty for others, and where the policy leaves it out. Once layouts are final, the weights' tells
/// whether it was chosen.
std::optional<Capability> capability(const StepView& step, const KernelPolicy& policy);

/// The kernel for a conv2d whose weights lie transformed; null for others.
std::unique_ptr<Kernel> prepare(const StepView& step);

/// The same for the reorder that transforms weights.
std::optional<Capability> pack_capability(const StepView& step);
std::unique_ptr<Kernel> prepare_pack(const StepView& step);

}  // namespace fcngraph::onednn::fourier
