// SPDX-License-Identifier: Apache-2.0

#include <nlohmann/json.hpp>

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/plan.h>

#include "plan_table.h"

namespace fcngraph::cli {
namespace {

using Json = nlohmann::ordered_json;

Json step_of(const Plan& plan, std::size_t index) {
  const Step& step = plan.steps[index];
  Json result = nullptr;
  for (const auto slot : step.results) {
    if (slot < 0) continue;
    result = to_string(plan.slots[static_cast<std::size_t>(slot)].type);
    break;
  }
  return {{"name", step.name},
          {"phase", phase_word(step.phase)},
          {"op", plan.graph.node(step.node).op->name},
          {"does", work_of(plan, step)},
          {"result", std::move(result)},
          {"flops", step.cost.flops},
          {"bytes", step.cost.bytes},
          {"workspace_bytes", step.workspace_bytes},
          {"live_bytes", plan.live_bytes[index]},
          {"kernel", step.kernel},
          {"reason", step.reason}};
}

Json predicted(const Program& program, const PlanPrice& price) {
  if (!price.calibration) return nullptr;
  const double seconds = predicted_seconds(program, *price.calibration);
  Json out = {{"batch_s", seconds},
              {"epoch_s", nullptr},
              {"flops_per_s", price.calibration->flops_per_s},
              {"bytes_per_s", price.calibration->bytes_per_s}};
  const auto batch = program.batch() * program.parts();
  if (price.samples) {
    const std::int64_t steps = (*price.samples + batch - 1) / batch;
    out["epoch_s"] = seconds * static_cast<double>(steps);
  }
  return out;
}

}  // namespace

std::string plan_json(const Model& model, const Program& program, const PlanPrice& price) {
  const Plan& plan = program.plan();
  const auto count = model.parameters();
  Json flops = Json::object(), steps = Json::array(), kept_wide = Json::array();
  for (const Phase phase : {Phase::feature, Phase::forward, Phase::backward, Phase::recompute, Phase::update})
    flops[std::string(phase_word(phase))] = plan.flops(phase);
  for (std::size_t s = 0; s < plan.steps.size(); ++s) steps.push_back(step_of(plan, s));
  for (const auto& [name, range] : plan.kept_wide)
    kept_wide.push_back({{"value", name}, {"largest", range.largest}, {"not_finite", range.not_finite}});
  const Json out = {{"model", model.name()},
                    {"backend", program.backend()},
                    {"backend_reason", program.backend_reason()},
                    {"batch", program.batch()},
                    {"parts", program.parts()},
                    {"recompute", program.recompute()},
                    {"parameters", {{"trainable", count.trainable}, {"frozen", count.frozen}}},
                    {"flops", std::move(flops)},
                    {"bytes",
                     {{"arena", plan.arena_bytes},
                      {"live_peak", plan.live_peak_bytes},
                      {"weights", plan.saved_bytes},
                      {"packed", plan.resident_bytes}}},
                    {"predicted", predicted(program, price)},
                    {"kept_in_f32", std::move(kept_wide)},
                    {"steps", std::move(steps)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace fcngraph::cli
