// SPDX-License-Identifier: Apache-2.0
#include "training/running_program.h"

#include <limits>

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/frontier.h>
#include <fcngraph/evaluate.h>

#include "apply_weights.h"
#include "memory_budget.h"
#include "program_impl.h"
#include "rename_weights.h"

namespace fcngraph::training {

ProgramStarter::ProgramStarter(const Model& model, const Dataset& dataset, std::shared_ptr<cache::FeatureCache> cache,
                               const Weights& weights, std::uint64_t seed, bool random_weights)
    : model_(model),
      dataset_(dataset),
      sessions_(rename_weights(model.spec(), weights), seed),
      random_weights_(random_weights),
      cache_(std::move(cache)) {}

std::unique_ptr<RunningProgram> ProgramStarter::start(const CompileOptions& options, Split split) {
  if (!cache_) return open(model_.compile(options), nullptr);
  SplitPrograms programs = model_.compile_split(options);
  std::shared_ptr<SampleFeatures> features;
  if (programs.features)
    features = std::make_shared<SampleFeatures>(std::move(*programs.features), sessions_, *cache_, dataset_, split);
  auto running = open(std::move(programs.step), std::move(features));
  if (running->features) {
    const Backend& backend = *running->program.impl().backend;
    std::int64_t left = std::numeric_limits<std::int64_t>::max();
    if (options.memory_budget > 0) {
      left = options.memory_budget;
      for (const Plan* plan : running->plans()) left -= bytes_needed(*plan, backend);
    }
    running->features->reside(running->session, left);
  }
  return running;
}

std::unique_ptr<RunningProgram> ProgramStarter::start_behind(const CompileOptions& options,
                                                             const RunningProgram& other) {
  if (!other.features) return open(model_.compile(options), nullptr);
  SplitPrograms programs = model_.compile_split(options);
  if (!programs.features || !other.features->feeds(*programs.features, programs.step)) return nullptr;
  return open(std::move(programs.step), other.features);
}

std::unique_ptr<RunningProgram> ProgramStarter::open(Program program, std::shared_ptr<SampleFeatures> features) {
  if (first_ == nullptr) warning_ = check_frozen_weights(model_, program, sessions_.weights(), random_weights_);
  Session session = first_ == nullptr ? program.open(sessions_.weights(), sessions_.seed())
                                      : program.open(*first_, sessions_.weights());
  BatchInputs inputs(program);
  auto running = std::make_unique<RunningProgram>(
      RunningProgram{std::move(program), std::move(features), std::move(session), std::move(inputs)});
  if (first_ == nullptr) first_ = &running->session;
  return running;
}

void ProgramStarter::turn_off() {
  cache_.reset();
  first_ = nullptr;
}

WeightsReport ProgramStarter::report(const RunningProgram& running) const {
  std::vector<const Plan*> plans{&running.program.plan()};
  if (running.features) plans.push_back(&running.features->program().plan());
  return match_weights(plans, sessions_.weights());
}

Weights ProgramStarter::all_weights(const RunningProgram& running) {
  Weights all = running.session.weights();
  if (running.features) all.merge(sessions_.open(running.features->program()).weights());
  return all;
}

std::vector<std::string> cut_of(const RunningProgram& running) {
  if (running.features) return running.features->program().outputs();
  std::vector<std::string> names;
  const Graph& graph = running.program.plan().graph;
  for (const ValueId id : values_at_cut(graph)) names.push_back(graph.value(id).name);
  return names;
}

}  // namespace fcngraph::training
