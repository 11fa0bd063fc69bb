// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/dataset.h>
#include <fcngraph/metrics.h>
#include <fcngraph/model.h>
#include <fcngraph/program.h>
#include <fcngraph/weights.h>

namespace fcngraph {

struct EvalOptions {
  Split split = Split::val;
  std::string backend = "auto";
  std::string precision = "f32";
  MetricMode metrics = MetricMode::fcngraph;
  int threads = 0;                     ///< 0: as many as the machine has
  std::string cache = "off";           ///< of what the frozen part makes of each sample: off, or a folder for it
  std::int64_t batch = 0;              ///< 0: as [train] says
  std::int64_t memory_budget = 0;      ///< bytes; makes the batch smaller. 0: no limit
  std::int64_t height = 0, width = 0;  ///< 0: as the model says
  std::uint64_t seed = 0;              ///< of what the weights lack
  bool random_weights = false;         ///< allows a frozen part at its initialiser on real data
  std::function<void(std::int64_t batch, std::int64_t batches)> on_batch;
  std::function<void(std::string_view)> log;
  std::function<bool()> stop_requested;  ///< asked after each batch; the report then covers what was seen
};

struct HeadReport {
  std::string name;
  double loss = 0;  ///< mean over the valid pixels
  ConfusionMatrix confusion;
  Scores scores;
  std::optional<ConfusionMatrix> fractional;  ///< of `confusion`, labels between two classes; unset where all are whole
};

struct EvalReport {
  std::string split;
  std::int64_t samples = 0;
  double seconds = 0;
  bool interrupted = false;
  std::string backend;
  MetricMode metrics = MetricMode::fcngraph;
  std::vector<std::string> classes;
  std::vector<HeadReport> heads;  ///< in the order of the model
};

/// Scores every head on a split, at the network's input size. Throws GraphError (weights that do not fit, an empty split),
/// BackendError and IoError.
FCNGRAPH_API EvalReport evaluate(const Model& model, const Weights& weights, const EvalOptions& options = {});

/// {"heads": {NAME: {"pixel_accuracy", "mean_accuracy", "mean_iou", "fw_iou", "loss", "classes": [{"name", "iou", "dice"}],
/// "left_out": [NAME], "confusion": [[...]]}}, "split", "samples", "seconds", "backend", "metrics"}; scores of a class left out are
/// null. A head whose labels were not all whole has "fractional" too, counts like "confusion".
FCNGRAPH_API std::string to_json(const EvalReport& report);
/// The same from text; scores are made anew from the counts. Throws GraphError when it is not such a report.
FCNGRAPH_API EvalReport eval_report_from_json(std::string_view text);

/// The seed by which tensors that the weights lack are to be initialised: the one that a run with random frozen tensors recorded,
/// else `seed`.
FCNGRAPH_API std::uint64_t initial_seed(const Weights& weights, std::uint64_t seed);

/// The rule about frozen tensors that no weights were given for: a warning on synthetic data or when the caller insists (returned;
/// empty when there is nothing to say), GraphError that names the ways out on any other data.
FCNGRAPH_API std::string check_frozen_weights(const Model& model, const Program& program, const Weights& weights,
                                              bool insist);

}  // namespace fcngraph
