// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <fcngraph/model.h>

namespace fcngraph {

struct Plan;

/// Bytes that a plan needs while it runs: intermediate values, weights, packed weights, constants and inputs.
std::int64_t bytes_needed(const Plan& plan);

/// `options` without a budget, and so that programs keep within the one that they had: to infer and evaluate, with the largest
/// batch that fits; to train, with the whole batch in as many parts, or with as many values computed again, as costs least. `split`:
/// they are for compile_split. Throws GraphError that says what would fit.
CompileOptions within_budget(const Model& model, const CompileOptions& options, bool split);

}  // namespace fcngraph
