// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <fcngraph/fcngraph.h>

namespace fcngraph::parity {

struct StepOptions {
  std::string backend = "auto";
  std::int64_t batch = 1;
  std::int64_t steps = 1;
  double lr = 1e-3;
  std::uint64_t seed = 0;
  std::vector<std::string> heads;  ///< infer: empty: the last one
  std::vector<std::string> fetch;  ///< further values of the graph, by name
};

/// Trains on given samples, batch after batch in their order and again from the first, a constant learning rate, and writes down
/// each step. `samples` holds "labels" u8 [I, H, W] and either "image" f32 [I, 3, H, W], preprocessed, or what the program reads behind
/// its frozen part, by its names and in plain layout; I is a multiple of the batch.
///
/// The result holds the parameters and states after the last step by their names, the values `fetch` of the first step, and
///   loss        f64 [steps], what is trained on
///   NAME.losses, NAME.accuracies, NAME.mean_ious   f64 [steps], of head NAME, each step's own batch, by Keras's definitions
///   NAME.predictions   u8 [steps, batch, H, W]
Weights train(const Model& model, const Weights& weights, const Weights& samples, const StepOptions& options);

/// The outputs of an inference program, and of `fetch`, of the first images of `samples`, a batch of them at once.
Weights infer(const Model& model, const Weights& weights, const Weights& samples, const StepOptions& options);

}  // namespace fcngraph::parity
