// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fcngraph/calibration.h>
#include <fcngraph/engine/plan.h>
#include <fcngraph/model.h>

namespace fcngraph::cli {

/// What a plan is priced with. Nothing of it is part of the plan.
struct PlanPrice {
  std::optional<Calibration> calibration;
  std::optional<std::int64_t> samples;  ///< to train on; unset where the data is not there
};

/// A plan for a person, at most 120 columns wide: what it needs, a row a step under its phase, kernels and why, fused groups.
std::string plan_table(const Model& model, const Program& program, const PlanPrice& price);
/// The same as one JSON document.
std::string plan_json(const Model& model, const Program& program, const PlanPrice& price);

/// "forward"
std::string_view phase_word(Phase phase);
/// "conv2d+relu", "upsample+cross_entropy+...": what a step does, with what was fused into it.
std::string work_of(const Plan& plan, const Step& step);

}  // namespace fcngraph::cli
