// SPDX-License-Identifier: Apache-2.0
#include "training/training_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <fcngraph/dsl/model_spec.h>

#include "training/overlays.h"

namespace fcngraph::training {
namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TrainResult TrainingRun::run() {
  for (;;) {
    while (state_.epoch < stage_end_) {
      if (!train_epoch() || !finish_epoch()) {
        save("last", true);
        if (doctor_) doctor_->write();
        return result(true);
      }
    }
    if (!has_next_stage()) break;
    next_stage();
  }
  // A run that had ended already, or that has no epochs: its table is wanted all the same.
  if (evaluation_ && validation_.heads.empty()) validation_ = validate();
  return result(validation_.interrupted);
}

bool TrainingRun::train_epoch() {
  const auto batches = loader_->batches_per_epoch();
  images_seen_ = 0;
  seconds_seen_ = 0;
  loader_->start(state_.epoch, state_.batch);
  ahead_ = nullptr;
  prepared_ = false;
  full_->session.forget();
  if (rest_) rest_->session.forget();
  while (state_.batch < batches) {
    if (stopping() || stopped_by_doctor()) return false;
    const auto begin = std::chrono::steady_clock::now();
    const auto& batch = ahead_ ? *std::exchange(ahead_, nullptr) : next_batch();
    if (doctor_) doctor_->before_step(state_);
    const StepOutcome outcome = train_batch(batch);
    if (doctor_) doctor_->after_step(state_, outcome);
    const double seconds = seconds_since(begin);
    state_.seconds += seconds;
    seconds_seen_ += seconds;
    images_seen_ += batch.valid;
    if (options_.on_step) report_step(batch, schedule_->at(state_.stage_step - 1), outcome);
  }
  log_notes();
  if (full_->features && state_.epoch == stage_begin_) {
    if (const std::string residents = full_->features->describe_residents(); !residents.empty()) log(residents);
  }
  if (state_.skipped > 0) {
    const auto& scale = state_.loss_scale;
    log(fmt::format("warning: steps skipped in epoch {}, since their gradient is not finite: {}{}", state_.epoch + 1,
                    state_.skipped, scale ? fmt::format("; the loss scale is {} now", scale->value()) : std::string()));
  }
  return true;
}

const data::Batch& TrainingRun::next_batch() {
  const double waited = loader_->seconds_waited();
  const auto& batch = loader_->next();
  state_.waited += loader_->seconds_waited() - waited;
  return batch;
}

void TrainingRun::prepare_behind(const data::Batch& batch, std::int64_t first) {
  auto& used = program_for(batch);
  if (!used.session.works_beside_host()) return;
  const auto next = first + used.program.batch();
  prepared_ = true;
  if (next < batch.valid) return used.bring(batch, next);
  // An epoch ends with what is on the device, so that a checkpoint has nothing under way.
  prepared_ = batch.index + 1 < loader_->batches_per_epoch();
  if (!prepared_) return;
  ahead_ = &next_batch();
  program_for(*ahead_).bring(*ahead_);
}

StepOutcome TrainingRun::train_batch(const data::Batch& batch) {
  auto& used = program_for(batch);
  const auto room = used.program.batch();
  const auto valid_pixels =
      std::count_if(batch.labels.begin(), batch.labels.end(), [](auto l) { return l != kIgnore; });
  loss_ = 0;
  scale_ = state_.loss_scale ? state_.loss_scale->value() : 1;
  // A step that was skipped is none to the optimiser; the schedule goes by all of them, so that it ends with the run.
  const std::int64_t update = state_.stage_step - state_.stage_skipped + 1;
  // Parts of the batch, where the program takes fewer samples at a time; those that would be padding alone are left out.
  for (std::int64_t first = 0; first < batch.valid; first += room) {
    if (!std::exchange(prepared_, false)) used.bring(batch, first);
    if (used.features) state_.cache_hits += used.features->take_hits();
    used.inputs.fill_step(batch, seed_, schedule_->at(state_.stage_step), update, first);
    used.inputs.fill_part(valid_pixels, first > 0);
    used.inputs.fill_loss_scale(scale_);
    used.session.start(used.inputs.tensors(), first + room >= batch.valid);
    prepare_behind(batch, first);
    used.session.finish();
    for (auto& tally : state_.tallies) tally.add(used.session, batch, std::min(room, batch.valid - first), first);
    loss_ += number_at(used.session.read("loss"), 0);
  }
  return judge_step(number_at(used.session.read("finite"), 0) != 0);
}

StepOutcome TrainingRun::judge_step(bool finite) {
  ++state_.batch;
  ++state_.step;
  ++state_.stage_step;
  state_.skipped += finite ? 0 : 1;
  state_.stage_skipped += finite ? 0 : 1;
  StepOutcome outcome;
  outcome.finite = finite;
  if (!state_.loss_scale) return outcome;
  // The loss itself is not scaled: where it is no number, no scale helps.
  outcome.overflowed = !finite && state_.loss_scale->may_be_halved() && std::isfinite(loss_);
  outcome.halved = state_.loss_scale->after_step(finite) == LossScale::Change::halved;
  return outcome;
}

void TrainingRun::report_step(const data::Batch& batch, double lr, const StepOutcome& outcome) const {
  StepProgress progress;
  progress.epoch = batch.epoch + 1;
  progress.epochs = epochs_;
  progress.stage = stage_name();
  progress.batch = batch.index + 1;
  progress.batches = loader_->batches_per_epoch();
  progress.step = state_.step;
  progress.loss = loss_;
  progress.lr = lr;
  progress.loss_scale = scale_;
  progress.skipped = !outcome.finite;
  progress.images_per_s = seconds_seen_ > 0 ? static_cast<double>(images_seen_) / seconds_seen_ : 0;
  progress.remaining_s = remaining_seconds(progress.batch, progress.images_per_s);
  progress.data_wait_share = state_.seconds > 0 ? state_.waited / state_.seconds : 0;
  options_.on_step(progress);
}

double TrainingRun::remaining_seconds(std::int64_t batches_done, double images_per_s) const {
  if (images_per_s <= 0) return 0;
  const auto samples = loader_->samples();
  const auto done = std::min(samples, batches_done * batch_);
  const auto epochs_after = epochs_ - state_.epoch - 1;
  const auto images = static_cast<double>(samples - done + epochs_after * samples);
  // A validation not timed yet is taken to cost a third of a training image a sample.
  double validation = history_->rows().empty() ? 0 : history_->rows().back().val_seconds;
  if (validation <= 0 && evaluation_) validation = static_cast<double>(dataset_->size(Split::val)) / images_per_s / 3;
  const auto every = static_cast<double>(*stage_.spec().train.validate_every);
  return images / images_per_s + validation * std::ceil(static_cast<double>(epochs_after + 1) / every);
}

EvalReport TrainingRun::validate() { return evaluation_->run({}, options_.stop_requested); }

bool TrainingRun::finish_epoch() {
  const bool last = state_.epoch + 1 == stage_end_;
  const bool validated =
      evaluation_ && (last || (state_.epoch - stage_begin_ + 1) % *stage_.spec().train.validate_every == 0);
  if (validated) {
    validation_ = validate();
    if (validation_.interrupted) return false;
  }
  EpochRecord row = record(validated ? &validation_ : nullptr);
  const double score = validated ? validation_.heads.back().scores.mean_iou : 0;
  const bool best = validated && (!state_.best || score > *state_.best);
  if (best) state_.best = score;

  if (doctor_) doctor_->end_epoch(state_);
  ++state_.epoch;
  state_.batch = 0;
  state_.seconds = state_.waited = 0;
  state_.cache_hits = state_.skipped = 0;
  starter_->rest();
  log_notes();
  for (auto& tally : state_.tallies) tally.clear();
  // The rows first: a checkpoint is never ahead of its history.
  history_->add(row);
  if (validated) folder_->write_scores("last", validation_);
  if (best) folder_->write_scores("best", validation_);
  if (best) save("best", false);
  save("last", true);
  if (options_.on_epoch) options_.on_epoch(row);
  return true;
}

EpochRecord TrainingRun::record(const EvalReport* validation) const {
  EpochRecord row;
  row.epoch = state_.epoch + 1;
  row.stage = stage_name();
  row.seconds = state_.seconds;
  row.val_seconds = validation ? validation->seconds : 0;
  row.data_wait_share = state_.seconds > 0 ? state_.waited / state_.seconds : 0;
  row.cache_hits = state_.cache_hits;
  row.skipped_steps = state_.skipped;
  if (state_.loss_scale) row.loss_scale = state_.loss_scale->value();
  for (std::size_t i = 0; i < state_.tallies.size(); ++i) {
    const auto& tally = state_.tallies[i];
    const auto scores = tally.scores(metrics_);
    HeadEpoch head{tally.loss(), scores.pixel_accuracy, scores.mean_iou, {}, {}, {}};
    if (validation) {
      const auto& of = validation->heads.at(i);
      head.val_loss = of.loss;
      head.val_accuracy = of.scores.pixel_accuracy;
      head.val_mean_iou = of.scores.mean_iou;
    }
    row.heads.emplace_back(tally.name, head);
  }
  return row;
}

void TrainingRun::save(const std::string& name, bool with_moments) const {
  Weights weights = learnt(with_moments);
  auto& metadata = weights.metadata();
  metadata = frozen_.metadata;
  metadata["kind"] = "checkpoint";
  metadata["model"] = model_.name();
  metadata["seed"] = std::to_string(seed_);
  state_.write(metadata);
  weights.save(folder_->checkpoint(name));
}

TrainResult TrainingRun::result(bool interrupted) {
  TrainResult result;
  if (interrupted && stopped_by_doctor()) result.stopped = doctor_->stop();
  result.interrupted = interrupted && result.stopped.empty();
  result.folder = folder_->path();
  result.history = history_->rows();
  result.validation = validation_;
  if (interrupted) return result;
  if (evaluation_) write_overlays(stage_, *dataset_, *eval_, folder_->overlays());
  if (evaluation_ && model_.spec().data.kind == "synthetic") {
    const auto baseline = color_baseline(*dataset_, Split::val);
    result.baseline_mean_iou = baseline.mean_iou;
    result.baseline_accuracy = baseline.pixel_accuracy;
  }
  return result;
}

}  // namespace fcngraph::training
