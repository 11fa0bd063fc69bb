// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <fcngraph/model.h>
#include <fcngraph/program.h>

#include "training/sample_features.h"

namespace fcngraph::training {

/// A program with its session and inputs. With a cache it is what lies behind the cut, and `features` feeds it.
struct RunningProgram {
  Program program;
  std::shared_ptr<SampleFeatures> features;  ///< null: the program is whole
  Session session;
  BatchInputs inputs;

  /// With the samples of the batch from `first` on.
  void fill(const data::Batch& batch, std::int64_t first = 0) {
    inputs.fill(batch, first);
    if (features) features->fill(batch, inputs, first);
  }
  /// The same for the next `start`. A device that works beside the host gets what is large at once, beside the run that was started
  /// last.
  void bring(const data::Batch& batch, std::int64_t first = 0) {
    inputs.fill(batch, first);
    if (features) features->bring(batch, inputs, session, first);
    session.prepare_next(inputs.tensors());
  }
  /// Of the program, and of what lies before the cut.
  std::vector<const Plan*> plans() const {
    std::vector<const Plan*> all{&program.plan()};
    if (features) all.push_back(&features->program().plan());
    return all;
  }
  /// For the options of loaders that make batches for it.
  data::SampleCache* cache() const { return features.get(); }
};

/// Starts the programs of one run, which share weights and cache.
class ProgramStarter {
 public:
  /// Without a cache programs are whole; `random_weights` allows a frozen part at its initialiser on any data. The model and the data
  /// set must outlive it.
  ProgramStarter(const Model& model, const Dataset& dataset, std::shared_ptr<cache::FeatureCache> cache,
                 const Weights& weights, std::uint64_t seed, bool random_weights);

  /// A program that sees the samples of a split. The first one brings the weights and has to outlive the others, which share them.
  /// Throws GraphError where the frozen part lacks weights that it must not lack.
  std::unique_ptr<RunningProgram> start(const CompileOptions& options, Split split);
  /// One that is fed by the features of another, if there are any; null where their layouts differ.
  std::unique_ptr<RunningProgram> start_behind(const CompileOptions& options, const RunningProgram& other);
  /// Programs are whole from here on. For when none is running.
  void turn_off();

  /// About the frozen part's weights, for the user; empty where there is nothing to say.
  const std::string& warning() const noexcept { return warning_; }
  /// What a program, with what lies before the cut, makes of the weights.
  WeightsReport report(const RunningProgram& running) const;
  /// Parameters and states of a program, those before the cut included.
  Weights all_weights(const RunningProgram& running);

  /// Called between epochs: gives memory back that was not needed of late.
  void rest() { sessions_.close_idle(); }
  std::vector<std::string> take_notes() { return cache_ ? cache_->take_notes() : std::vector<std::string>(); }

 private:
  std::unique_ptr<RunningProgram> open(Program program, std::shared_ptr<SampleFeatures> features);

  const Model& model_;
  const Dataset& dataset_;
  FeatureSessions sessions_;
  bool random_weights_ = false;
  std::string warning_;
  std::shared_ptr<cache::FeatureCache> cache_;
  const Session* first_ = nullptr;  ///< holds the weights that the others share
};

/// The names of the values that a program's cut is at.
std::vector<std::string> cut_of(const RunningProgram& running);

}  // namespace fcngraph::training
