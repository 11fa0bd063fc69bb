// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/evaluate.h>

#include <fcngraph/data_source.h>
#include <fcngraph/dsl/model_spec.h>

#include "cache/open_cache.h"
#include "training/evaluation.h"

namespace fcngraph {

EvalReport evaluate(const Model& model, const Weights& weights, const EvalOptions& options) {
  const auto dataset = open_dataset(model);
  training::ProgramStarter starter(
      model, *dataset, cache::open_cache(options.memory_budget > 0 ? "off" : options.cache, model.spec().cache),
      weights, initial_seed(weights, options.seed), options.random_weights);
  const auto running = starter.start({.mode = Mode::eval,
                                      .batch = options.batch,
                                      .height = options.height,
                                      .width = options.width,
                                      .backend = options.backend,
                                      .precision = options.precision,
                                      .threads = options.threads,
                                      .memory_budget = options.memory_budget},
                                     options.split);
  const auto log = [&](const std::string& line) {
    if (options.log && !line.empty()) options.log(line);
  };
  if (!starter.warning().empty()) log("warning: " + starter.warning());
  training::Evaluation evaluation(model, *dataset, *running, options.split, options.metrics);
  if (!weights.names().empty()) log(starter.report(*running).to_text(20));
  EvalReport report = evaluation.run(options.on_batch, options.stop_requested);
  for (const auto& note : starter.take_notes()) log(note);
  return report;
}

}  // namespace fcngraph
