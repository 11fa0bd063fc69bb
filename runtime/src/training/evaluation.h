// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fcngraph/evaluate.h>
#include <fcngraph/session.h>

#include "data/batch_loader.h"
#include "training/batch_inputs.h"
#include "training/head_tally.h"

namespace fcngraph::training {

/// The names of a model's heads, in order.
std::vector<std::string> head_names(const Model& model);
/// How the loader makes the batches of a model.
data::BatchLoaderOptions loader_options(const Model& model, const Program& program, Split split);

/// Scores a split with an evaluation program, any number of times.
class Evaluation {
 public:
  /// The data set must outlive it. Throws GraphError where the split is empty.
  Evaluation(const Model& model, const Dataset& dataset, const Program& program, Split split);

  EvalReport run(Session& session, const std::function<void(std::int64_t, std::int64_t)>& on_batch,
                 const std::function<bool()>& stop_requested);

 private:
  std::string backend_;
  Split split_;
  std::vector<std::string> classes_;
  data::BatchLoader loader_;
  BatchInputs inputs_;
  std::vector<HeadTally> tallies_;
};

}  // namespace fcngraph::training
