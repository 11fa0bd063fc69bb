// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include <fcngraph/dataset.h>
#include <fcngraph/model.h>

#include "training/running_program.h"

namespace fcngraph::training {

/// Samples that the scales are measured on: the first of the training split, in index order.
inline constexpr std::int64_t kScaleSamples = 32;

/// Measures 1/RMS of the feature that each head taps and puts it into the session of `trained`, a training program, as the state
/// `<head>.scale`; what is kept of samples on the way serves training too. Heads whose scale the model fixes, and those that `given`
/// already holds, are left alone. `compile` is what `trained` was compiled by.
/// Where a feature is all zero or not finite, its scale stays 1 and `log` is told.
///
/// Returns the RMS of the scaled feature of each head that was measured: of those whose scale is fixed only `with_fixed`, and of none
/// where every scale was given with the weights.
std::vector<std::pair<std::string, double>> measure_skip_scales(const Model& model, const Dataset& dataset,
                                                                RunningProgram& trained, const Weights& given,
                                                                ProgramStarter& starter, CompileOptions compile,
                                                                bool with_fixed,
                                                                const std::function<void(std::string_view)>& log);

}  // namespace fcngraph::training
