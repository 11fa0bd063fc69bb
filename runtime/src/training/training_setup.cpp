// SPDX-License-Identifier: Apache-2.0
#include "training/training_run.h"

#include <algorithm>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include <fcngraph/data_source.h>
#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/passes.h>
#include <fcngraph/engine/plan.h>

#include "cache/open_cache.h"
#include "memory_budget.h"
#include "program_impl.h"
#include "rename_weights.h"

namespace fcngraph::training {
namespace {

std::string where_kept(const std::string& cache) {
  return cache == "memory" ? "in memory" : fmt::format("in '{}'", cache);
}

std::string first_difference(const std::string& was, const std::string& is) {
  std::istringstream a(was), b(is);
  for (std::string x, y;;) {
    const bool more_a = static_cast<bool>(std::getline(a, x)), more_b = static_cast<bool>(std::getline(b, y));
    if (!more_a && !more_b) return {};
    if (!more_a || !more_b || x != y) return fmt::format("it had '{}', now '{}'", more_a ? x : "", more_b ? y : "");
  }
}

}  // namespace

TrainingRun::TrainingRun(Model model, TrainerOptions options)
    : model_(std::move(model)), stage_(model_), options_(std::move(options)) {
  if (!options_.resume.empty()) read_manifest();
  apply_overrides();
  if (resumed_) check_resumed();
  dataset_ = open_dataset(model_);
  cache_ = cache::open_cache(options_.cache, model_.spec().cache);
  read_weights();
  if (!resumed_) check_later_stages();
  open_stage();
  if (resumed_) {
    resume();
  } else {
    start_fresh();
  }
}

void TrainingRun::log(std::string_view line) const {
  if (options_.log) options_.log(line);
}

void TrainingRun::log_notes() {
  for (const auto& note : starter_->take_notes()) log(note);
}

void TrainingRun::read_manifest() {
  folder_ = RunFolder::open(options_.resume);
  resumed_ = manifest_ = folder_->read_manifest();
  const auto& was = *resumed_;
  const auto hold = [&](const char* what, const std::string& asked, const std::string& had) {
    if (asked != had)
      throw GraphError(fmt::format("run '{}' has {} {}, a resumed run keeps it, got {}", options_.resume.string(), what,
                                   had, asked));
  };
  if (options_.seed) hold("seed", std::to_string(*options_.seed), std::to_string(was.seed));
  if (options_.batch) hold("batch", std::to_string(*options_.batch), std::to_string(was.batch));
  if (options_.height > 0) hold("input height", std::to_string(options_.height), std::to_string(was.height));
  if (options_.width > 0) hold("input width", std::to_string(options_.width), std::to_string(was.width));
  hold("precision", options_.precision, was.precision);
  if (options_.metrics) hold("metrics", std::string(name_of(*options_.metrics)), std::string(name_of(was.metrics)));
  metrics_ = was.metrics;
  if (!options_.weights.names().empty()) {
    throw GraphError(fmt::format("run '{}' goes on from its own checkpoint, weights cannot be given as well",
                                 options_.resume.string()));
  }
  options_.height = was.height;
  options_.width = was.width;
  if (options_.backend == "auto") options_.backend = was.backend;
  if (options_.threads == 0) options_.threads = was.threads;
  if (options_.backend != was.backend || options_.threads != was.threads) {
    log(fmt::format("warning: resumed on {} with {} threads, begun on {} with {}: the bits will differ",
                    options_.backend, options_.threads, was.backend, was.threads));
  }
}

void TrainingRun::apply_overrides() {
  if (options_.metrics) metrics_ = *options_.metrics;
  LoadOptions load;
  load.ops = model_.ops();
  if (options_.seed) load.set.push_back(fmt::format("train.seed={}", *options_.seed));
  std::vector<std::string> tables{"train"};
  for (const auto& name : model_.stages()) tables.push_back("stage." + name);
  for (const auto& table : tables) {
    if (options_.epochs) load.set.push_back(fmt::format("{}.epochs={}", table, *options_.epochs));
    if (options_.batch) load.set.push_back(fmt::format("{}.batch={}", table, *options_.batch));
  }
  // Through the reader, so that graph.toml of the run says what was done.
  if (!load.set.empty()) model_ = Model::parse(model_.resolved(), ".", load);
  const auto& train = model_.spec().train;
  seed_ = static_cast<std::uint64_t>(*train.seed);
  stages_ = model_.stages();
  epochs_ = stages_.empty() ? *train.epochs : 0;
  for (const auto& stage : model_.spec().stages) epochs_ = checked_add(epochs_, *stage.train.epochs);
  // A mistake in a later stage is not found hours later.
  for (std::size_t i = 0; i < stages_.size(); ++i) (void)model_.stage(i);
  threads_ =
      options_.threads > 0 ? options_.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (!resumed_ && options_.out.empty()) options_.out = RunFolder::next_free(model_.name());
}

void TrainingRun::check_resumed() const {
  const auto difference = first_difference(folder_->read_graph(), model_.resolved());
  if (difference.empty()) return;
  throw GraphError(fmt::format("model differs from the one that run '{}' trains: {}; resume it with its own graph.toml",
                               folder_->path().string(), difference));
}

CompileOptions TrainingRun::compile_options(Mode mode, std::int64_t batch) const {
  CompileOptions compile;
  compile.mode = mode;
  compile.batch = batch;
  compile.height = options_.height;
  compile.width = options_.width;
  compile.backend = options_.backend;
  compile.precision = options_.precision;
  compile.threads = threads_;
  compile.memory_budget = options_.memory_budget;
  return compile;
}

CompileOptions TrainingRun::train_options(std::int64_t batch) const {
  CompileOptions compile = compile_options(Mode::train, batch);
  if (resumed_ && compile.memory_budget == 0) {
    compile.parts = batch == resumed_->batch ? resumed_->parts : 1;
    compile.recompute = resumed_->recompute;
  }
  if (compile.memory_budget == 0 || dataset_->size(Split::val) == 0) return compile;
  // The program that validates is there beside it: leave it room for an image at least.
  CompileOptions one = compile_options(Mode::eval, 1), whole = compile;
  one.memory_budget = whole.memory_budget = 0;
  const Program eval = stage_.compile(one);
  const std::int64_t shared =
      eval.plan().saved_bytes + std::min(eval.plan().resident_bytes, stage_.compile(whole).plan().resident_bytes);
  compile.memory_budget =
      std::max<std::int64_t>(1, compile.memory_budget - (bytes_needed(eval.plan(), *eval.impl().backend) - shared));
  return compile;
}

// Shares weights with the training program, packs at least those that it packs, and gets what it leaves of the budget.
CompileOptions TrainingRun::eval_options() const {
  CompileOptions compile = compile_options(Mode::eval, full_->program.batch());
  if (compile.memory_budget == 0) return compile;
  for (const Plan* plan : full_->plans())
    compile.memory_budget -=
        bytes_needed(*plan, *full_->program.impl().backend) - plan->saved_bytes - plan->resident_bytes;
  return compile;
}

// Batch statistics count every sample, so that a last, smaller batch has a program of its own; it reads the same features.
void TrainingRun::start_training_programs() {
  full_ = starter_->start(train_options(batch_), Split::train);
  const auto rest = dataset_->size(Split::train) % batch_;
  if (rest == 0 || !has_batch_statistics(full_->program.plan())) return;
  rest_ = starter_->start_behind(train_options(rest), *full_);
  if (rest_) return;
  log("the last batch of an epoch needs features that lie otherwise: going on without the cache");
  starter_->turn_off();
  cache_.reset();
  full_ = starter_->start(train_options(batch_), Split::train);
  rest_ = starter_->start_behind(train_options(rest), *full_);
}

void TrainingRun::read_weights() {
  if (dataset_->size(Split::train) == 0)
    throw GraphError(fmt::format("data set '{}' has no samples to train on", dataset_->name()));
  options_.weights =
      resumed_ ? Weights::load(folder_->checkpoint("last")) : rename_weights(model_.spec(), options_.weights);
  if (!resumed_) return;
  const auto& metadata = options_.weights.metadata();
  state_.stage = ProgressState::stage_of(metadata, options_.weights.source());
  if (state_.stage >= std::max<std::size_t>(1, stages_.size()))
    throw IoError(options_.weights.source(),
                  fmt::format("checkpoint stands in stage {}, the model has {}", state_.stage + 1, stages_.size()));
  const auto made = resumed_->stages.find(stage_name());
  if (made == resumed_->stages.end()) return;
  resumed_->batch = made->second.batch;
  resumed_->parts = made->second.parts;
  resumed_->recompute = made->second.recompute;
  resumed_->kernels = made->second.kernels;
}

void TrainingRun::open_programs() {
  const auto& train = stage_.spec().train;
  const Weights& given = weights_;
  starter_ = std::make_unique<ProgramStarter>(stage_, *dataset_, cache_, given, initial_seed(given, seed_),
                                              options_.random_weights);
  batch_ = *train.batch;
  start_training_programs();
  names_ = saved_names(full_->program);
  if (names_.trained.empty()) throw GraphError("nothing of the model trains: see 'trainable' of [model]");
  if (state_.stage == 0 || resumed_)
    log(fmt::format("{} on {} ({})", model_.name(), full_->program.backend(), full_->program.backend_reason()));
  if (!stages_.empty())
    log(fmt::format("stage {} of {}: {}, epochs {} to {}", state_.stage + 1, stages_.size(), stage_name(),
                    stage_begin_ + 1, stage_end_));
  const Program& program = full_->program;
  if (program.parts() > 1)
    log(fmt::format("each batch goes through in {} parts of {}", program.parts(), program.batch()));
  if (const double again = program.plan().flops(Phase::recompute); again > 0)
    log(fmt::format("{:.3g} GFLOP a part are computed again rather than kept", again / 1e9));
  if (resumed_) {
    for (const auto* group : {&names_.trained, &names_.states}) {
      for (const auto& name : *group) {
        if (!given.contains(name)) throw IoError(given.source(), fmt::format("checkpoint lacks tensor '{}'", name));
      }
    }
  } else {
    if (!starter_->warning().empty()) log("warning: " + starter_->warning());
    if (!folder_) folder_ = RunFolder::create(options_.out);
    if (!given.names().empty() && state_.stage == 0) log(starter_->report(*full_).to_text(20));
  }
  if (full_->features) log(fmt::format("{}; {}", full_->features->describe(), where_kept(options_.cache)));

  if (dataset_->size(Split::val) > 0) {
    eval_ = starter_->start(eval_options(), Split::val);
    evaluation_ = std::make_unique<Evaluation>(stage_, *dataset_, *eval_, Split::val, metrics_);
  } else {
    log("warning: the data has no validation split: no scores, and no best checkpoint");
  }

  auto loading = loader_options(stage_, *full_, Split::train);
  loading.batch = batch_;
  loading.shuffle = *train.shuffle;
  loading.whole_batches = model_.spec().data.shuffle_batches;
  loading.flip = *train.flip;
  loading.seed = seed_;
  loading.threads = std::clamp(threads_ / 2, 1, 4);
  loader_ = std::make_unique<data::BatchLoader>(*dataset_, loading);
  std::optional<std::int64_t> warmup;
  if (train.warmup) warmup = **train.warmup;
  schedule_.emplace(*train.schedule, *train.optimizer.lr,
                    checked_mul(stage_end_ - stage_begin_, loader_->batches_per_epoch()), warmup);
  if (!history_) history_.emplace(folder_->path());
  state_.loss_scale.reset();
  if (full_->inputs.find(std::string(kLossScale)) != nullptr) state_.loss_scale = LossScale::of(train.loss_scale);
  state_.tallies = make_tallies(head_names(stage_), static_cast<std::int64_t>(stage_.classes().size()));
}

void TrainingRun::open_doctor() {
  doctor_.reset();
  if (*stage_.spec().train.doctor == "off") return;
  doctor_ = std::make_unique<RunDoctor>(stage_, *full_, *folder_, [this](std::string_view line) { log(line); });
  // What earlier stages have found stays found.
  if (state_.stage > 0 && !resumed_) doctor_->resume(state_);
  // Who gave no weights at all, or asked for none, knows; who gave some believes to have given all.
  if (!resumed_) doctor_->rules().see_frozen(starter_->warning(), options_.weights.names().empty());
}

void TrainingRun::start_fresh() {
  folder_->write_graph(model_.resolved());
  const auto initial = initial_seed(options_.weights, seed_);
  frozen_ = plan_frozen(
      *folder_, names_, [&] { return starter_->all_weights(*full_); }, options_.weights, initial);
  keep_for_later();
  manifest_ = describe(*full_, model_, seed_, threads_);
  manifest_.batch = batch_;
  manifest_.weights = options_.weights.source();
  if (std::filesystem::is_regular_file(manifest_.weights)) manifest_.weights_hash = file_hash(manifest_.weights);
  manifest_.frozen = frozen_.kind;
  manifest_.metrics = metrics_;
  begin_stage();
}

void TrainingRun::resume() {
  const auto& metadata = options_.weights.metadata();
  state_.read(metadata, options_.weights.source());
  if (state_.epoch < stage_begin_ || state_.epoch > stage_end_ || state_.batch > loader_->batches_per_epoch()) {
    throw IoError(
        options_.weights.source(),
        fmt::format("checkpoint stands at epoch {}, batch {}, beyond the run's end", state_.epoch, state_.batch));
  }
  for (const auto& [key, value] : metadata) {
    if (key.starts_with("frozen")) frozen_.metadata[key] = value;
  }
  for (const auto& name : state_.learnt) {
    if (options_.weights.contains(name)) learnt_.share(options_.weights, name, name);
  }
  const auto now = describe(*full_, model_, seed_, threads_);
  if (now.kernels != resumed_->kernels)
    log("warning: other kernels are chosen than when the run began: the bits will differ");
  if (now.parts != resumed_->parts) {
    log(fmt::format("warning: a batch goes through in {} parts, before in {}: the bits will differ", now.parts,
                    resumed_->parts));
  }
  if (now.cpu != resumed_->cpu)
    log(fmt::format("warning: begun on '{}', resumed on '{}': the bits may differ", resumed_->cpu, now.cpu));
  history_->restore(state_.epoch);
  if (doctor_) doctor_->resume(state_);
  log(fmt::format("resumed at epoch {}, step {}", state_.epoch + 1, state_.step));
}

}  // namespace fcngraph::training
