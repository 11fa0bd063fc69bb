// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fcngraph/evaluate.h>

#include "command.h"
#include "interrupt.h"
#include "run_options.h"
#include "score_table.h"
#include "terminal.h"

namespace fcngraph::cli {

int run_eval(const Arguments& arguments) {
  const auto target = choose_target(arguments);
  const auto size = choose_size(arguments);
  if (size.native) throw UsageError("--size native goes with --mode infer only: a batch has one size");
  const auto model = load_model(arguments, load_options(arguments, false));
  const auto weights = choose_weights(arguments, model);
  EvalOptions options;
  const auto split = arguments.text("split", "val");
  for (const auto s : kSplits) {
    if (name_of(s) == split) options.split = s;
  }
  options.backend = target.backend;
  options.precision = target.precision;
  options.threads = target.threads;
  options.metrics = metric_mode_from(arguments.text("metrics")).value_or(options.metrics);
  options.height = size.height;
  options.width = size.width;
  // In memory it would serve nobody: each sample is seen once.
  const auto cache = choose_cache(arguments);
  options.cache = cache == "memory" ? "off" : cache;
  options.batch = arguments.integer("batch", 1, 1 << 20).value_or(0);
  options.memory_budget = choose_memory_budget(arguments);
  options.seed = static_cast<std::uint64_t>(arguments.integer("seed", 0, INT64_MAX).value_or(0));
  options.random_weights = weights.random;
  options.log = [](std::string_view line) { say(line); };
  options.on_batch = [](std::int64_t batch, std::int64_t batches) {
    draw_bar(static_cast<double>(batch) / static_cast<double>(batches), fmt::format("{}/{}", batch, batches));
  };
  options.stop_requested = interrupted;
  const auto report = evaluate(model, weights.weights, options);
  wipe_bar();
  if (report.interrupted) {
    say(fmt::format("interrupted after {} samples", report.samples));
    return kInterrupted;
  }
  print(arguments.has("json") ? to_json(report) + '\n' : score_table(report));
  return kOk;
}

}  // namespace fcngraph::cli
