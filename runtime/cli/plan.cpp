// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fcngraph/engine/frontier.h>
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/plan.h>

#include "command.h"
#include "plan_options.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

const char* phase_name(Phase phase) {
  switch (phase) {
    case Phase::feature:
      return "feature";
    case Phase::forward:
      return "forward";
    case Phase::backward:
      return "backward";
    case Phase::update:
      return "update";
    case Phase::setup:
      return "setup";
  }
  return "";
}

std::string result_type(const Plan& plan, const Step& step) {
  for (const auto slot : step.results) {
    if (slot >= 0) return to_string(plan.slots[static_cast<std::size_t>(slot)].type);
  }
  return {};
}

std::string text_of(const Model& model, const Program& program) {
  const auto& plan = program.plan();
  const auto count = model.parameters();
  std::string out = fmt::format("{}\nparameters: {} trainable, {} frozen\nbackend: {} ({})\n\n", program.summary(),
                                count.trainable, count.frozen, program.backend(), program.backend_reason());
  const auto cut = program.mode() == Mode::infer ? std::string() : describe_cut(plan).to_text();
  if (!cut.empty()) out += cut + "\n";
  std::vector<std::vector<std::string>> rows = {{"step", "phase", "op", "result", "GFLOP", "kernel", "why"}};
  for (const auto& step : plan.steps) {
    rows.push_back({step.name, phase_name(step.phase), plan.graph.node(step.node).op->name, result_type(plan, step),
                    fmt::format("{:.3f}", step.cost.flops / 1e9), step.kernel, step.reason});
  }
  out += format_columns(rows);
  out +=
      fmt::format("\narena {} (live peak {}), weights {}, packed {}\n", human_bytes(plan.arena_bytes),
                  human_bytes(plan.live_peak_bytes), human_bytes(plan.saved_bytes), human_bytes(plan.resident_bytes));
  return out;
}

int run(const Arguments& arguments) {
  const auto model = plan_model(arguments);
  print(text_of(model, compile_program(model, arguments)));
  return kOk;
}

}  // namespace

Command plan_command() {
  return {"plan", "shows steps, shapes, kernels and why, FLOPs and memory", "GRAPH.toml", plan_options(), run};
}

}  // namespace fcngraph::cli
