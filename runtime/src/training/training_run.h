// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <fcngraph/trainer.h>

#include "training/checkpoint.h"
#include "training/evaluation.h"
#include "training/history.h"
#include "training/progress_state.h"
#include "training/run_doctor.h"
#include "training/run_folder.h"
#include "training/running_program.h"
#include "training/schedule.h"

namespace fcngraph::training {

/// One run from its folder to its table. Members in the order in which they are made.
class TrainingRun {
 public:
  /// Compiles, loads or restores, and writes what a run's folder starts with.
  TrainingRun(Model model, TrainerOptions options);
  TrainResult run();

 private:
  // Setting up, each once and in this order.
  void read_manifest();
  void apply_overrides();
  void check_resumed() const;
  void read_weights();
  void open_stage();
  void start_fresh();
  void resume();

  // A stage; a model without any is one as a whole.
  void open_programs();
  void start_training_programs();
  void open_doctor();
  /// What a stage does before its first step: skip scales that are not known yet, manifest, checkpoint.
  void check_later_stages() const;
  void begin_stage();
  void next_stage();
  bool has_next_stage() const { return state_.stage + 1 < stages_.size(); }
  std::string stage_name() const { return stages_.empty() ? std::string() : stages_[state_.stage]; }
  /// Tensors that the next stage starts from: "last", "best", or the name of a stage.
  Weights start_from(const std::string& source) const;
  void keep_for_later();

  // The loop.
  bool train_epoch();
  const data::Batch& next_batch();
  RunningProgram& program_for(const data::Batch& batch) { return rest_ && batch.valid < batch_ ? *rest_ : *full_; }
  StepOutcome train_batch(const data::Batch& batch);
  /// Where the device works beside the host: brings it what runs after the part of the batch that begins at `first`.
  void prepare_behind(const data::Batch& batch, std::int64_t first);
  /// Counts it, and tells the loss scale.
  StepOutcome judge_step(bool finite);
  void report_step(const data::Batch& batch, double lr, const StepOutcome& outcome) const;
  double remaining_seconds(std::int64_t batches_done, double images_per_s) const;
  bool finish_epoch();
  EvalReport validate();
  EpochRecord record(const EvalReport* validation) const;
  /// What the run has trained so far, and the states; the optimiser's among them or not.
  Weights learnt(bool with_moments) const;
  void save(const std::string& name, bool with_moments) const;
  TrainResult result(bool interrupted);

  CompileOptions compile_options(Mode mode, std::int64_t batch) const;
  CompileOptions train_options(std::int64_t batch) const;
  CompileOptions eval_options() const;
  void log(std::string_view line) const;
  void log_notes();
  bool stopping() const { return options_.stop_requested && options_.stop_requested(); }
  bool stopped_by_doctor() const { return doctor_ && !doctor_->stop().empty(); }

  Model model_;
  Model stage_;  ///< the model as the stage under way trains it
  std::vector<std::string> stages_;
  TrainerOptions options_;
  std::unique_ptr<Dataset> dataset_;
  std::optional<RunFolder> folder_;
  std::optional<Manifest> resumed_;  ///< the manifest of the run to go on with, until its stage is over
  Manifest manifest_;
  MetricMode metrics_ = MetricMode::fcngraph;
  std::uint64_t seed_ = 0;
  std::int64_t epochs_ = 0, batch_ = 0;
  std::int64_t stage_begin_ = 0, stage_end_ = 0;  ///< epochs
  int threads_ = 0;
  Weights learnt_;   ///< by the stages before, and what was given for later ones
  Weights weights_;  ///< what the stage starts from: those given, with what was learnt
  std::shared_ptr<cache::FeatureCache> cache_;
  std::unique_ptr<ProgramStarter> starter_;
  std::unique_ptr<RunningProgram> full_;
  std::unique_ptr<RunningProgram> rest_;  ///< for the last, smaller batch, where batch norm counts every sample
  std::unique_ptr<RunningProgram> eval_;
  std::unique_ptr<Evaluation> evaluation_;
  std::unique_ptr<RunDoctor> doctor_;  ///< null: off
  SavedNames names_;
  FrozenPlan frozen_;
  std::unique_ptr<data::BatchLoader> loader_;
  const data::Batch* ahead_ = nullptr;  ///< taken from the loader before its turn
  bool prepared_ = false;               ///< what runs next is on its way to the device
  std::optional<Schedule> schedule_;
  std::optional<History> history_;
  ProgressState state_;
  EvalReport validation_;
  std::int64_t images_seen_ = 0;  ///< of the epoch under way, since the run was started or resumed
  double seconds_seen_ = 0;       ///< the same
  double loss_ = 0;               ///< of the last batch
  double scale_ = 1;              ///< of its gradient
};

}  // namespace fcngraph::training
