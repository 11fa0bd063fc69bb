// SPDX-License-Identifier: Apache-2.0
#include "training/run_doctor.h"

#include <utility>

#include <fmt/format.h>

#include <fcngraph/dsl/model_spec.h>

#include "session_impl.h"
#include "training/stopwatch.h"

namespace fcngraph::training {
namespace {

/// Layers are looked at in these steps: early, since a run that starts badly stays bad, then seldom, since they are large.
bool is_layer_step(std::int64_t step) { return step == 10 || step == 30 || (step > 0 && step % 100 == 0); }

std::vector<HeadWindow> empty_window(const Model& model) {
  return std::vector<HeadWindow>(model.heads().size(), HeadWindow(static_cast<std::int64_t>(model.classes().size())));
}

}  // namespace

RunDoctor::RunDoctor(const Model& model, RunningProgram& running, const RunFolder& folder,
                     std::function<void(std::string_view)> say)
    : rules_(model),
      running_(running),
      folder_(folder),
      say_(std::move(say)),
      stops_(*model.spec().train.doctor == "stop"),
      layers_(running.session.impl().executor, spent_),
      window_(empty_window(model)),
      seen_(window_.size()) {
  rules_.report().mode = *model.spec().train.doctor;
  watch_losses(model);
}

void RunDoctor::watch_losses(const Model& model) {
  auto& executor = running_.session.impl().executor;
  losses_.reserve(window_.size());
  for (std::size_t h = 0; h < window_.size(); ++h) {
    auto look = LossLook::find(executor.plan(), model.heads()[h].name);
    if (!look) continue;
    losses_.push_back(std::move(*look));
    LossLook& kept = losses_.back();
    executor.watch(kept.step(), false, [this, &kept, h](const LaunchArgs& args) {
      const Stopwatch watch(spent_);
      kept.look(args, window_[h].sample);
    });
  }
}

void RunDoctor::resume(const ProgressState& state) {
  if (auto before = folder_.read_doctor()) {
    rules_.restore(std::move(before->findings));
    rules_.report().tap_rms = std::move(before->tap_rms);
    rules_.report().skipped_steps = before->skipped_steps;
    rules_.report().loss_scale_halvings = before->loss_scale_halvings;
  }
  for (std::size_t h = 0; h < seen_.size(); ++h) {
    const HeadTally& tally = state.tallies[h];
    seen_[h] = {tally.loss_sum, tally.loss_count, tally.confusion.counts()};
  }
}

void RunDoctor::before_step(const ProgressState& state) {
  if (!is_layer_step(state.step)) return;
  layers_open_ = true;
  layers_.open();
}

std::string RunDoctor::origin() {
  if (std::exchange(looked_for_origin_, true)) return {};
  const auto found = running_.session.impl().executor.find_not_finite();
  return found ? found->text() : std::string();
}

void RunDoctor::see_skipped(const ProgressState& state, const StepOutcome& outcome) {
  rules_.see_skipped();
  if (!outcome.overflowed) rules_.see_not_finite(state.step, origin());
  if (!outcome.halved) return;
  const std::int64_t halvings = outcome.overflowed ? state.loss_scale->state().halvings : 0;
  rules_.see_halving(state.step, halvings, halvings > kMostHalvings ? origin() : std::string());
}

void RunDoctor::after_step(const ProgressState& state, const StepOutcome& outcome) {
  const Stopwatch watch(spent_);
  ++steps_of_epoch_;
  if (!outcome.finite) see_skipped(state, outcome);
  if (layers_open_) rules_.see_layers(state.step, layers_.close());
  layers_open_ = false;
  if (++steps_in_window_ == kWindow) {
    absorb(state);
    close_window(state);
  }
  tell();
}

// What the tallies have grown by since they were read last.
void RunDoctor::absorb(const ProgressState& state) {
  for (std::size_t h = 0; h < window_.size(); ++h) {
    const HeadTally& tally = state.tallies[h];
    const auto& counts = tally.confusion.counts();
    HeadWindow& window = window_[h];
    Seen& seen = seen_[h];
    seen.confusion.resize(counts.size());
    window.loss_sum += tally.loss_sum - seen.loss_sum;
    window.loss_count += tally.loss_count - seen.loss_count;
    const std::size_t classes = window.truth.size();
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const std::int64_t more = counts[i] - seen.confusion[i];
      window.truth[i / classes] += more;
      window.predicted[i % classes] += more;
      window.pixels += more;
      window.correct += i / classes == i % classes ? more : 0;
    }
    seen = {tally.loss_sum, tally.loss_count, counts};
  }
}

void RunDoctor::close_window(const ProgressState& state) {
  rules_.see_window(state.step, window_);
  rules_.see_waiting(state.step, steps_of_epoch_, state.waited, state.seconds);
  const double all = trained_ + state.seconds;
  rules_.report().cost_share = all > 0 ? spent_ / all : 0;
  for (auto& window : window_) window = HeadWindow(static_cast<std::int64_t>(window.truth.size()));
  steps_in_window_ = 0;
}

void RunDoctor::end_epoch(const ProgressState& state) {
  absorb(state);
  for (auto& seen : seen_) seen = {};
  rules_.see_waiting(state.step, steps_of_epoch_, state.waited, state.seconds);
  trained_ += state.seconds;
  steps_of_epoch_ = 0;
  rules_.report().steps = state.step;
  rules_.report().cost_share = trained_ > 0 ? spent_ / trained_ : 0;
  write();
}

void RunDoctor::tell() {
  const auto fresh = rules_.take_new();
  for (const auto& finding : fresh) {
    // A note was said already by whoever found it out.
    if (!finding.alarm) continue;
    say_(fmt::format("warning: doctor: {}", finding.text()));
    if (stops_ && stop_.empty()) stop_ = finding.text();
  }
  if (!fresh.empty()) folder_.write_doctor(rules_.report());
}

void RunDoctor::write() {
  tell();
  folder_.write_doctor(rules_.report());
}

}  // namespace fcngraph::training
