// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <fcngraph/model.h>

namespace fcngraph {

class Backend;
struct Plan;
struct Slot;

/// How many buffers an input has on a device with memory of its own: two, which take turns, where the device works beside the host
/// and the input is made of samples.
std::size_t input_buffers(const Slot& input, const Backend& backend);

/// Bytes that a plan needs while it runs: intermediate values, weights, packed weights, constants and inputs.
std::int64_t bytes_needed(const Plan& plan, const Backend& backend);

/// `options` without a budget, and so that programs keep within the one that they had: to infer and evaluate, with the largest
/// batch that fits; to train, with the whole batch in as many parts, or with as many values computed again, as costs least. `split`:
/// they are for compile_split. Throws GraphError that says what would fit.
CompileOptions within_budget(const Model& model, const CompileOptions& options, bool split);

}  // namespace fcngraph
