// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/engine/backend.h>

namespace fcngraph::cudnn {

/// Whether this op runs on tensors of this type here. Convolutions and what lies between them are offered in f32, f16 and bf16, with
/// sums in f32; softmax, losses, norms, statistics, sums and updates in f32 alone (sums of squares come in f64).
bool offers(std::string_view op, DType type);

/// A sentence on what in the step is of a type that the op does not run in; empty: nothing.
std::string type_refusal(const StepView& step);

}  // namespace fcngraph::cudnn
