// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include <fmt/format.h>

#include <fcngraph/data_source.h>
#include <fcngraph/engine/error.h>

#include "command.h"
#include "memory_svg.h"
#include "pipeline_watch.h"
#include "plan_options.h"
#include "plan_table.h"
#include "run_options.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

std::vector<Option> options() {
  auto all = plan_options();
  all.push_back({"svg", Arity::one, "FILE", "memory over time, and which value lies where"});
  all.push_back(
      {"calibrate", Arity::flag, "", "measures this machine first, for predicted times, and keeps the result"});
  all.push_back({"json", Arity::flag, "", "one JSON document"});
  return all;
}

std::optional<Calibration> calibration_for(const Arguments& arguments, const Program& program) {
  const auto threads = choose_target(arguments).threads;
  if (!arguments.has("calibrate")) return load_calibration(calibration_file(), program.backend(), threads);
  const auto measured = calibrate(program.backend(), threads);
  try {
    save_calibration(calibration_file(), measured);
  } catch (const IoError& e) {
    say(fmt::format("warning: what was measured is not kept: {}", e.what()));
  }
  return measured;
}

/// Nothing where the data is not on this machine: a plan does not need it.
std::optional<std::int64_t> training_samples(const Model& model, const Program& program) try {
  if (program.mode() != Mode::train) return std::nullopt;
  return open_dataset(model)->size(Split::train);
} catch (const Error&) {
  return std::nullopt;
}

int run(const Arguments& arguments) {
  const auto model = plan_model(arguments);
  PipelineWatch watch(arguments);
  auto compiling = compile_options(arguments);
  compiling.pipeline = watch.options();
  const auto program = model.compile(compiling);
  watch.finish();
  const PlanPrice price{calibration_for(arguments, program), training_samples(model, program)};
  if (arguments.has("svg")) {
    const auto path = arguments.text("svg");
    std::ofstream file(path, std::ios::binary);
    file << memory_svg(program.plan());
    if (!file.flush()) throw IoError(path, "cannot be written");
  }
  print(arguments.has("json") ? plan_json(model, program, price) : plan_table(model, program, price));
  return kOk;
}

}  // namespace

Command plan_command() {
  auto all = options();
  append(all, pipeline_options());
  return {"plan", "shows steps, shapes, kernels and why, FLOPs and memory", "GRAPH.toml", std::move(all), run};
}

}  // namespace fcngraph::cli
