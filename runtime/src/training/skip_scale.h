// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include <fcngraph/dataset.h>
#include <fcngraph/model.h>
#include <fcngraph/session.h>

namespace fcngraph::training {

/// Samples that the scales are measured on: the first of the training split, in index order.
inline constexpr std::int64_t kScaleSamples = 32;

/// Measures 1/RMS of the feature that each fusing head taps and puts it into `session` as the state `<head>.scale`. Heads whose scale
/// the model fixes, and those that `given` already holds, are left alone. `compile` says for which backend, batch and size.
/// Where a feature is all zero or not finite, its scale stays 1 and `log` is told.
void measure_skip_scales(const Model& model, const Dataset& dataset, Session& session, const Weights& given,
                         CompileOptions compile, const std::function<void(std::string_view)>& log);

}  // namespace fcngraph::training
