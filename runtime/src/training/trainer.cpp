// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/trainer.h>

#include "training/training_run.h"

namespace fcngraph {

struct Trainer::Impl {
  Model model;
  TrainerOptions options;
};

Trainer::Trainer(const Model& model, TrainerOptions options)
    : impl_(std::make_unique<Impl>(Impl{model, std::move(options)})) {}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;

TrainResult Trainer::run() { return training::TrainingRun(impl_->model, impl_->options).run(); }

}  // namespace fcngraph
