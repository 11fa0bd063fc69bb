// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "read.h"

namespace fcngraph::dsl {
namespace {

// "[train.loss]", "loss of stage 'fcn16s'"
std::string inner(const StrictTable& train, const std::string& key) {
  return train.who() == "[train]" ? "[train." + key + "]" : key + " of " + train.who();
}

void read_loss(StrictTable& train, LossSpec& loss, Diagnostics& diagnostics) {
  static const std::array<std::string, 1> kinds{"cross_entropy"};
  static const std::array<std::string, 2> places{"logits", "probabilities"};
  static const std::array<std::string, 2> normalizers{"valid", "none"};
  static constexpr NumberRange kClip{0.0, 0.5, true, false, "a number above 0 and at most 0.5"};
  const auto* value = train.read_table("loss");
  if (value == nullptr) return;
  StrictTable table(*value, inner(train, "loss"), diagnostics);
  table.read_choice("kind", loss.kind, kinds);
  table.read_choice("on", loss.on, places);
  table.read("clip", loss.clip, kClip);
  table.read_choice("normalize", loss.normalize, normalizers);
  if (table.read_numbers("class_weights", loss.class_weights, kNotNegativeNumber)) {
    loss.class_weights_span = value->find("class_weights")->span;
  }
  table.finish();
}

void read_optimizer(StrictTable& train, OptimizerSpec& spec, Diagnostics& diagnostics) {
  static const std::array<std::string, 3> kinds{"sgd", "adam", "adamw"};
  const auto* value = train.read_table("optimizer");
  if (value == nullptr) return;
  StrictTable table(*value, inner(train, "optimizer"), diagnostics);
  table.read_choice("kind", spec.kind, kinds);
  table.read("lr", spec.lr, kPositiveNumber);
  const bool sgd = *spec.kind == "sgd";
  if (*spec.kind == "adamw") {
    table.read("weight_decay", spec.weight_decay, kNotNegativeNumber);
    table.read_strings("no_decay", spec.no_decay);
  } else {
    for (const char* key : {"weight_decay", "no_decay"})
      table.refuse(key, "only adamw decays weights by itself; for the others there is l2 = [{ match, value }]");
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

/// `key = [{ match = "*.bias", value = 2 }]`
void read_factors(StrictTable& train, const std::string& key, const std::string& meaning,
                  std::vector<FactorSpec>& factors, Diagnostics& diagnostics) {
  for (const auto& item : train.read_tables(key)) {
    StrictTable table(item, train.who() == "[train]" ? "[train] " + key : key + " of " + train.who(), diagnostics);
    FactorSpec spec;
    table.read("match", spec.match);
    table.read("value", spec.value, kNotNegativeNumber);
    table.require("match", "the parameters that it applies to, for example \"*.weight\"");
    table.require("value", meaning);
    table.finish();
    factors.push_back(std::move(spec));
  }
}

/// `loss_scale = "dynamic"`, "off", or a number.
void read_loss_scale(StrictTable& train, LossScaleSpec& spec) {
  static const std::array<std::string, 2> words{"off", "dynamic"};
  static constexpr NumberRange kRange{kLeastLossScale, kMostLossScale, false, false, "a number from 1 to 16777216"};
  const auto* value = train.take("loss_scale");
  if (value == nullptr) return;
  spec.span = value->span;
  if (!value->is_string()) {
    Spanned<double> number;
    if (!train.read("loss_scale", number, kRange)) return;
    spec.kind = LossScaleSpec::Kind::fixed;
    spec.value = *number;
  } else if (value->text == words[0] || value->text == words[1]) {
    spec.kind = value->text == words[0] ? LossScaleSpec::Kind::off : LossScaleSpec::Kind::dynamic;
  } else {
    train.wrong("E0109", "loss_scale", *value, "\"off\", \"dynamic\" or a number", did_you_mean(value->text, words));
  }
}

}  // namespace

void read_train_keys(StrictTable& table, TrainSpec& spec, Diagnostics& diagnostics) {
  static const std::array<std::string, 2> schedules{"cosine", "constant"};
  static const std::array<std::string, 3> doctors{"warn", "stop", "off"};
  read_loss(table, spec.loss, diagnostics);
  read_optimizer(table, spec.optimizer, diagnostics);
  read_factors(table, "l2", "the factor of the sum of squares", spec.l2, diagnostics);
  read_factors(table, "lr_scale", "what the learning rate is multiplied by", spec.lr_scale, diagnostics);
  table.read("batch", spec.batch, {1, 1 << 20});
  table.read_choice("schedule", spec.schedule, schedules);
  Spanned<std::int64_t> warmup;
  if (table.read("warmup", warmup, kNotNegative)) spec.warmup = warmup;
  table.read("clip_norm", spec.clip_norm, kNotNegativeNumber);
  read_loss_scale(table, spec.loss_scale);
  table.read("shuffle", spec.shuffle);
  table.read("flip", spec.flip);
  if (const auto* augment = table.read_table("augment")) {
    StrictTable keys(*augment, inner(table, "augment"), diagnostics);
    keys.read("flip", spec.flip);
    keys.finish();
  }
  table.read("validate_every", spec.validate_every, kPositive);
  table.read_choice("doctor", spec.doctor, doctors);
}

TrainSpec read_train(const TomlValue& value, Diagnostics& diagnostics) {
  TrainSpec spec;
  spec.span = value.span;
  StrictTable table(value, "[train]", diagnostics);
  read_train_keys(table, spec, diagnostics);
  table.read("epochs", spec.epochs, kNotNegative);
  table.read("seed", spec.seed, {0});
  table.finish();
  return spec;
}

}  // namespace fcngraph::dsl
