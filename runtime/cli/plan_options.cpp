// SPDX-License-Identifier: Apache-2.0
#include "plan_options.h"

#include <algorithm>

#include <fmt/format.h>

#include "run_options.h"

namespace fcngraph::cli {

std::vector<Option> plan_options() {
  return {{"mode", Arity::one, "MODE", "infer (default), eval or train", {"infer", "eval", "train"}},
          {"backend", Arity::one, "NAME", "auto (default), reference, onednn, cudnn"},
          {"precision", Arity::one, "NAME", "f32 (default); others where the backend has them", {"f32", "bf16", "f16"}},
          {"threads", Arity::one, "N", "as many as the machine has"},
          {"size", Arity::one, "HxW", "of the input"},
          {"batch", Arity::one, "N", "images at a time"},
          {"memory-budget", Arity::one, "SIZE", "such as 2GiB: in smaller batches or parts of one, or computing again"},
          {"stage", Arity::one, "NAME", "of a training in stages: as that one has it"},
          {"heads", Arity::list, "NAME,...|all", "what is computed"},
          {"fetch", Arity::list, "NAME,...", "further values of the graph"},
          {"data", Arity::one, "SPEC", "a data TOML, or KIND:ROOT, instead of the model's"},
          {"set", Arity::repeated, "A.B.C=VALUE", "changes any key of the model"}};
}

Model plan_model(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("expected one model: GRAPH.toml");
  const auto model = Model::load(arguments.positional()[0], load_options(arguments, false));
  if (!arguments.has("stage")) return model;
  const auto stages = model.stages();
  const auto found = std::find(stages.begin(), stages.end(), arguments.text("stage"));
  if (found == stages.end()) {
    throw UsageError(fmt::format("model '{}' has no stage '{}', its stages: {}", model.name(), arguments.text("stage"),
                                 stages.empty() ? "none" : join(stages)));
  }
  return model.stage(static_cast<std::size_t>(found - stages.begin()));
}

CompileOptions compile_options(const Arguments& arguments) {
  const auto target = choose_target(arguments);
  const auto size = choose_size(arguments);
  if (size.native) throw UsageError("--size expects HEIGHTxWIDTH: there is no image to take it from");
  const auto mode = arguments.text("mode", "infer");
  CompileOptions options;
  options.mode = mode == "train" ? Mode::train : mode == "eval" ? Mode::eval : Mode::infer;
  options.batch = arguments.integer("batch", 1, 1 << 20).value_or(0);
  options.height = size.height;
  options.width = size.width;
  options.backend = target.backend;
  options.precision = target.precision;
  options.threads = target.threads;
  options.memory_budget = choose_memory_budget(arguments);
  options.heads = arguments.list("heads");
  options.fetch = arguments.list("fetch");
  return options;
}

}  // namespace fcngraph::cli
