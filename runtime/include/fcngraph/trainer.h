// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcngraph/evaluate.h>
#include <fcngraph/model.h>
#include <fcngraph/weights.h>

namespace fcngraph {

/// What an epoch came to for one head. Losses are means over the valid pixels of the epoch.
struct HeadEpoch {
  double loss = 0, accuracy = 0, mean_iou = 0;                 ///< of the training samples, as they were seen
  std::optional<double> val_loss, val_accuracy, val_mean_iou;  ///< unset where the epoch was not validated
};

/// A row of the history.
struct EpochRecord {
  std::int64_t epoch = 0;  ///< from 1, over all stages
  std::string stage;       ///< empty where the model has none
  double seconds = 0;      ///< training alone
  double val_seconds = 0;
  double data_wait_share = 0;        ///< of `seconds`, spent waiting for decoded samples
  std::int64_t cache_hits = 0;       ///< training samples whose features were there already
  std::int64_t skipped_steps = 0;    ///< whose gradient was not finite, so that they changed nothing
  std::optional<double> loss_scale;  ///< after the last step; unset where gradients are not scaled
  std::vector<std::pair<std::string, HeadEpoch>> heads;  ///< in the order of the model
};

/// {"epoch", "stage" (where there are stages), "seconds", "val_seconds", "data_wait_share", "cache_hits", "skipped_steps", "loss_scale" (where there is one), "heads":
/// {NAME: {"loss", "accuracy", "mean_iou", "val_loss", "val_accuracy", "val_mean_iou"}}} on one line; what is unset is null.
FCNGRAPH_API std::string to_json(const EpochRecord& record);
/// The same from text. Throws GraphError when it is not such a row.
FCNGRAPH_API EpochRecord epoch_record_from_json(std::string_view text);

/// How far training is.
struct StepProgress {
  std::int64_t epoch = 0, epochs = 0;   ///< from 1, over all stages
  std::string stage;                    ///< under way; empty where the model has none
  std::int64_t batch = 0, batches = 0;  ///< of this epoch, from 1
  std::int64_t step = 0;                ///< over the whole run, from 1
  double loss = 0;                      ///< of this batch, weighted over the heads
  double lr = 0;
  double loss_scale = 1;       ///< of its gradient
  bool skipped = false;        ///< its gradient was not finite, and it changed nothing
  double images_per_s = 0;     ///< over this epoch
  double remaining_s = 0;      ///< of the whole run, validation included; an estimate
  double data_wait_share = 0;  ///< over this epoch
};

struct TrainerOptions {
  std::filesystem::path out;          ///< the run's folder; empty: runs/<model>-<n>, the next number that is free
  std::filesystem::path resume;       ///< a run's folder to go on with; `out` and `weights` are its own then
  std::optional<std::uint64_t> seed;  ///< unset, here and below: as the model says
  std::optional<std::int64_t> epochs, batch;  ///< of each stage, where there are some
  std::int64_t height = 0, width = 0;         ///< of the input; 0: as the model says
  std::string backend = "auto";
  std::string precision = "f32";
  std::optional<MetricMode> metrics;  ///< of history and checkpoints; unset: fcngraph, or those of the resumed run
  int threads = 0;                    ///< 0: as many as the machine has
  std::string cache = "memory";       ///< of what the frozen part makes of each sample: off, memory, or a folder for it
  std::int64_t memory_budget = 0;     ///< bytes for the programs: weights, intermediate values, inputs; 0: no limit
  Weights weights;                    ///< to start from (model.pretrained()); what they lack starts at its initialiser
  bool random_weights = false;        ///< allows a frozen part at its initialiser on real data

  // Called on the thread that called run().
  std::function<void(const StepProgress&)> on_step;
  std::function<void(const EpochRecord&)> on_epoch;
  std::function<void(std::string_view)> log;  ///< a line for the user, without its end; warnings start with "warning: "
  std::function<bool()> stop_requested;       ///< asked after each step: finish, write a checkpoint, return
};

struct TrainResult {
  bool interrupted = false;  ///< stop_requested said so; `resume` goes on from here
  std::string stopped;  ///< why train.doctor = "stop" ended the run; `resume` goes on all the same. Empty: it did not
  std::filesystem::path folder;
  std::vector<EpochRecord> history;  ///< of the whole run, also of what was done before a resume
  EvalReport validation;             ///< of the last epoch; without heads where the data has no validation split
  std::optional<double> baseline_mean_iou, baseline_accuracy;  ///< synthetic data: what colour alone reaches
};

/// Trains the heads of a model (and whatever else its `trainable` says), stage after stage where it has some, and writes a run's folder: graph.toml (resolved),
/// manifest.json, history.csv, history.jsonl, doctor.json, scores/{last,best}.json (EvalReport of validation),
/// checkpoints/{last,best,frozen}.safetensors, overlays/.
class FCNGRAPH_API Trainer {
 public:
  Trainer(const Model& model, TrainerOptions options);
  ~Trainer();
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;

  /// Throws GraphError (the model or data do not fit, a resumed run is another model's), BackendError, and IoError (data, disk);
  /// checkpoints written before stay whole.
  TrainResult run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fcngraph
