// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fcngraph/evaluate.h>

#include "data/batch_loader.h"
#include "training/head_tally.h"
#include "training/running_program.h"

namespace fcngraph::training {

/// The names of a model's heads, in order.
std::vector<std::string> head_names(const Model& model);
/// How the loader makes the batches of a model for a program.
data::BatchLoaderOptions loader_options(const Model& model, const RunningProgram& running, Split split);

/// Scores a split with an evaluation program, any number of times.
class Evaluation {
 public:
  /// The data set and the program must outlive it. Throws GraphError where the split is empty.
  Evaluation(const Model& model, const Dataset& dataset, RunningProgram& running, Split split,
             MetricMode metrics = MetricMode::fcngraph);

  EvalReport run(const std::function<void(std::int64_t, std::int64_t)>& on_batch,
                 const std::function<bool()>& stop_requested);

 private:
  RunningProgram& running_;
  Split split_;
  MetricMode metrics_;
  std::vector<std::string> classes_;
  data::BatchLoader loader_;
  std::vector<HeadTally> tallies_;
};

}  // namespace fcngraph::training
