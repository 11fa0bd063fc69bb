// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/weights.h>

#include "executor.h"

namespace fcngraph {

/// Which tensors are given what `weights` has for them.
enum class Fill { all, missing };

/// Gives the saved tensors of an executor the contents that `weights` has for them. Tensors that were never filled and that
/// `weights` lacks start at their initialisers, keyed by (store.seed, name); others stay. Widens f16, bf16 and converts between
/// f32 and f64. Throws before anything is changed: GraphError with every tensor whose shape or dtype does not fit (both named), IoError
/// that names the first value that is NaN or infinite.
WeightsReport apply_weights(Executor& executor, const Weights& weights, Fill fill = Fill::all);

/// What `apply_weights` would report for new sessions of these programs together. Throws for types that do not fit, as it does.
WeightsReport match_weights(std::span<const Plan* const> plans, const Weights& weights);

/// The saved tensors as they are now.
Weights collect_weights(Executor& executor);

}  // namespace fcngraph
