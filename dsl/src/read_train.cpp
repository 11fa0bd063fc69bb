// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "read.h"

namespace fcngraph::dsl {
namespace {

void read_loss(StrictTable& train, LossSpec& loss, Diagnostics& diagnostics) {
  static const std::array<std::string, 1> kinds{"cross_entropy"};
  static const std::array<std::string, 2> places{"logits", "probabilities"};
  static constexpr NumberRange kClip{0.0, 0.5, true, false, "a number above 0 and at most 0.5"};
  const auto* value = train.read_table("loss");
  if (value == nullptr) return;
  StrictTable table(*value, "[train.loss]", diagnostics);
  table.read_choice("kind", loss.kind, kinds);
  table.read_choice("on", loss.on, places);
  table.read("clip", loss.clip, kClip);
  if (table.read_numbers("class_weights", loss.class_weights, kNotNegativeNumber)) {
    loss.class_weights_span = value->find("class_weights")->span;
  }
  table.finish();
}

void read_optimizer(StrictTable& train, OptimizerSpec& spec, Diagnostics& diagnostics) {
  static const std::array<std::string, 3> kinds{"sgd", "adam", "adamw"};
  const auto* value = train.read_table("optimizer");
  if (value == nullptr) return;
  StrictTable table(*value, "[train.optimizer]", diagnostics);
  table.read_choice("kind", spec.kind, kinds);
  table.read("lr", spec.lr, kPositiveNumber);
  const bool sgd = *spec.kind == "sgd";
  if (*spec.kind == "adamw") {
    table.read("weight_decay", spec.weight_decay, kNotNegativeNumber);
  } else {
    table.refuse("weight_decay",
                 "only adamw decays weights by itself; for the others there is l2 = [{ match, value }]");
  }
  if (sgd) {
    table.read("momentum", spec.momentum, kShare);
    table.read("nesterov", spec.nesterov);
    for (const char* key : {"beta1", "beta2", "epsilon"}) table.refuse(key, "sgd has none; adam and adamw have");
  } else {
    table.refuse("momentum", "only sgd has a momentum; " + *spec.kind + " has beta1 and beta2");
    table.refuse("nesterov", "only sgd has it");
    table.read("beta1", spec.beta1, kShare);
    table.read("beta2", spec.beta2, kShare);
    table.read("epsilon", spec.epsilon, kPositiveNumber);
  }
  table.finish();
}

void read_l2(StrictTable& train, std::vector<L2Spec>& l2, Diagnostics& diagnostics) {
  for (const auto& item : train.read_tables("l2")) {
    StrictTable table(item, "[train] l2", diagnostics);
    L2Spec spec;
    table.read("match", spec.match);
    table.read("value", spec.value, kNotNegativeNumber);
    table.require("match", "the parameters that it applies to, for example \"*.weight\"");
    table.require("value", "the factor of the sum of squares");
    table.finish();
    l2.push_back(std::move(spec));
  }
}

}  // namespace

TrainSpec read_train(const TomlValue& value, Diagnostics& diagnostics) {
  static const std::array<std::string, 2> schedules{"cosine", "constant"};
  static const std::array<std::string, 3> doctors{"warn", "stop", "off"};
  TrainSpec spec;
  spec.span = value.span;
  StrictTable table(value, "[train]", diagnostics);
  read_loss(table, spec.loss, diagnostics);
  read_optimizer(table, spec.optimizer, diagnostics);
  read_l2(table, spec.l2, diagnostics);
  table.read("epochs", spec.epochs, kNotNegative);
  table.read("batch", spec.batch, {1, 1 << 20});
  table.read_choice("schedule", spec.schedule, schedules);
  Spanned<std::int64_t> warmup;
  if (table.read("warmup", warmup, kNotNegative)) spec.warmup = warmup;
  table.read("clip_norm", spec.clip_norm, kNotNegativeNumber);
  table.read("shuffle", spec.shuffle);
  table.read("flip", spec.flip);
  if (const auto* augment = table.read_table("augment")) {
    StrictTable inner(*augment, "[train.augment]", diagnostics);
    inner.read("flip", spec.flip);
    inner.finish();
  }
  table.read("validate_every", spec.validate_every, kPositive);
  table.read("seed", spec.seed, {0});
  table.read_choice("doctor", spec.doctor, doctors);
  table.finish();
  return spec;
}

}  // namespace fcngraph::dsl
