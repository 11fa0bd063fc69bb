// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/passes.h>

#include "cache/feature_cache.h"
#include "training/skip_scale.h"
#include "training/training_run.h"

namespace fcngraph::training {
namespace {

constexpr std::string_view kMoments = "optimizer.";

void drop_moments(Weights& weights) {
  for (const auto& name : weights.names()) {
    if (name.starts_with(kMoments)) weights.erase(name);
  }
}

}  // namespace

void TrainingRun::open_stage() {
  if (stages_.empty()) {
    stage_ = model_;
    stage_end_ = epochs_;
  } else {
    stage_ = model_.stage(state_.stage);
    const auto& stages = model_.spec().stages;
    stage_begin_ = 0;
    for (std::size_t i = 0; i < state_.stage; ++i) stage_begin_ += *stages[i].train.epochs;
    stage_end_ = stage_begin_ + *stages[state_.stage].train.epochs;
  }
  weights_ = options_.weights;
  weights_.merge(learnt_);
  open_programs();
  open_doctor();
}

// The first stage is asked when its program opens; what a later one freezes must have been given, or trained in a stage before.
void TrainingRun::check_later_stages() const {
  if (frozen_are_random(options_.weights)) return;
  std::set<std::string> trained;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const SavedNames names = saved_names(model_.stage(i).lower(compile_options(Mode::train, 1)));
    std::vector<std::string> missing;
    std::copy_if(names.frozen.begin(), names.frozen.end(), std::back_inserter(missing),
                 [&](const auto& name) { return trained.count(name) == 0 && !options_.weights.contains(name); });
    trained.insert(names.trained.begin(), names.trained.end());
    if (i == 0) continue;
    try {
      check_frozen(model_, missing, names.frozen.size(), options_.random_weights);
    } catch (const GraphError& error) {
      throw GraphError(fmt::format("stage '{}': {}", stages_[i], error.what()));
    }
  }
}

void TrainingRun::begin_stage() {
  if (!stages_.empty()) {
    const auto made = describe(*full_, model_, seed_, threads_);
    manifest_.stages[stage_name()] = {batch_, made.parts, made.recompute, made.kernels};
  }
  folder_->write_manifest(manifest_, model_, *dataset_);
  CompileOptions measuring = compile_options(Mode::infer, full_->program.batch());
  // A program of a moment, before the others touch their memory: an image at a time is as little as it can need.
  if (measuring.memory_budget > 0 && !full_->features) measuring.batch = 1;
  measuring.memory_budget = 0;
  const auto taps =
      measure_skip_scales(stage_, *dataset_, *full_, weights_, *starter_, measuring, doctor_ != nullptr, options_.log);
  if (doctor_) doctor_->rules().see_taps(taps);
  if (doctor_) doctor_->write();
  if (full_->features) full_->features->take_hits();  // of the measurement
  save("last", true);
}

void TrainingRun::next_stage() {
  const auto& stages = model_.spec().stages;
  const auto is_named = [&](const auto& stage) { return *stage.init_from == stage_name(); };
  if (std::any_of(stages.begin(), stages.end(), is_named)) save(stage_name(), false);
  const Weights next = start_from(*stages[state_.stage + 1].init_from);
  // A resumed run got what was learnt with its checkpoint: from here on it has what was given alone, as one that was not.
  for (const auto& names : {learnt_.names(), names_.trained, names_.states}) {
    for (const auto& name : names) options_.weights.erase(name);
  }
  learnt_ = next;
  state_.learnt = learnt_.names();
  resumed_.reset();
  // All of them hold on to the programs of the stage that is over.
  doctor_.reset();
  loader_.reset();
  evaluation_.reset();
  eval_.reset();
  rest_.reset();
  full_.reset();
  starter_.reset();

  if (cache_) cache_->begin_stage();
  ++state_.stage;
  state_.stage_step = state_.stage_skipped = 0;
  state_.best.reset();
  validation_ = {};
  open_stage();
  begin_stage();
}

Weights TrainingRun::start_from(const std::string& source) const {
  Weights now = learnt(false);
  if (source == "last" || source == stage_name()) return now;
  const auto path = folder_->checkpoint(source);
  if (!std::filesystem::exists(path)) {
    log(fmt::format("warning: there is no checkpoint '{}', the next stage starts from what the last step left",
                    source));
    return now;
  }
  // Of what was trained until now, as it was then; the rest is as it was given.
  const Weights then = Weights::load(path);
  Weights out;
  for (const auto& name : now.names()) {
    if (then.contains(name)) out.share(then, name, name);
  }
  return out;
}

Weights TrainingRun::learnt(bool with_moments) const {
  Weights weights = learnt_;
  weights.merge(changing_tensors(full_->session, names_));
  if (!with_moments) drop_moments(weights);
  return weights;
}

// What was given for later stages, and of which the first one's program knows nothing, is in every checkpoint as it came.
void TrainingRun::keep_for_later() {
  if (stages_.empty()) return;
  std::set<std::string> known;
  for (const auto* group : {&names_.trained, &names_.frozen, &names_.states})
    known.insert(group->begin(), group->end());
  CompileOptions whole = compile_options(Mode::infer, 1);
  whole.heads = {"all"};
  const Graph graph = model_.lower(whole);
  for (const Role role : {Role::parameter, Role::state}) {
    for (const ValueId id : graph.values_with(role)) {
      const auto& name = graph.value(id).name;
      if (known.count(name) == 0 && options_.weights.contains(name)) learnt_.share(options_.weights, name, name);
    }
  }
  state_.learnt = learnt_.names();
}

}  // namespace fcngraph::training
