// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/engine/plan.h>

#include "run_fixture.h"

namespace fcngraph::testing {
namespace {

/// Gradients of this size overflow at a scale of 2^15, and are numbers without one.
constexpr const char* kHuge = "head.fcn8s.loss_weight=1e34";
/// The same four pictures in each step, in the same order, nothing random: steps differ by the weights alone.
/// A norm of 1 would take a factor so small that f32 rounds it once more where the loss scale is in it.
const std::vector<std::string> kOneBatch{
    "data.images=4",           "train.shuffle=false",      "train.schedule=constant",
    "train.warmup=0",          "dense_conv.fc6.dropout=0", "dense_conv.fc7.dropout=0",
    "train.optimizer.lr=0.01", "train.clip_norm=1024",     "train.loss_scale=\"dynamic\""};

struct Trained {
  TrainResult result;
  Weights last;
  std::vector<StepProgress> steps;
  int parts = 1;
};

Trained train(const std::vector<std::string>& set, const std::string& backend = "reference", std::int64_t budget = 0) {
  const Folder folder("loss-scale");
  Trained out;
  auto options = quietly(folder.path / "run");
  options.backend = backend;
  options.memory_budget = budget;
  if (budget > 0) options.cache = "off";
  options.log = [&](std::string_view line) {
    if (line.find("in 2 parts of 2") != std::string_view::npos) out.parts = 2;
  };
  options.on_step = [&](const StepProgress& progress) { out.steps.push_back(progress); };
  out.result = Trainer(tiny(set), options).run();
  out.last = last_of(folder.path / "run");
  return out;
}

std::vector<std::string> with(std::vector<std::string> set, const std::vector<std::string>& more) {
  set.insert(set.end(), more.begin(), more.end());
  return set;
}

TEST_CASE("a power of two that nothing overflows at changes no bit") {
  const std::vector<std::string> runs[] = {
      {"train.epochs=6"},
      // Everything trains, by everything that lies between a gradient and its update.
      {"train.epochs=3", "model.trainable=all", "train.l2=[{ match = \"*.weight\", value = 1e-4 }]",
       "train.lr_scale=[{ match = \"*.bias\", value = 2.0 }]", "train.clip_norm=0.125",
       "train.optimizer={ kind = \"sgd\", lr = 0.01, momentum = 0.9 }"},
      {"train.epochs=3", "train.clip_norm=0", "train.loss={ kind = \"cross_entropy\", normalize = \"none\" }"}};
  for (const auto& set : runs) {
    CAPTURE(set.back());
    for (const char* backend : {"reference", "auto"}) {
      CAPTURE(backend);
      const auto off = train(with(set, {"train.loss_scale=\"off\""}), backend);
      CHECK_FALSE(off.result.history.back().loss_scale.has_value());
      for (const char* scale : {"1024", "1", "\"dynamic\""}) {
        CAPTURE(scale);
        const auto scaled = train(with(set, {std::string("train.loss_scale=") + scale}), backend);
        CHECK(same_bits(off.last, scaled.last));
        CHECK(scaled.result.history.back().skipped_steps == 0);
        CHECK(scaled.steps.back().loss_scale == *scaled.result.history.back().loss_scale);
      }
    }
  }
}

std::int64_t needed(const Program& program) {
  const auto& plan = program.plan();
  std::int64_t bytes = plan.arena_bytes + plan.saved_bytes + plan.resident_bytes;
  for (const auto& slot : plan.slots) {
    if (slot.storage == Storage::constant || slot.storage == Storage::input) bytes += slot.bytes;
  }
  return bytes;
}

TEST_CASE("nor does it where a batch goes through in parts") {
  const std::vector<std::string> set{"train.epochs=2", "data.val_images=0"};
  const auto scaled = with(set, {"train.loss_scale=4096"});
  CompileOptions halves;
  halves.mode = Mode::train;
  halves.batch = 4;
  halves.backend = "reference";
  halves.threads = 1;
  halves.parts = 2;
  const std::int64_t budget = std::max(needed(tiny(set).compile(halves)), needed(tiny(scaled).compile(halves)));
  const auto a = train(set, "reference", budget), b = train(scaled, "reference", budget);
  CHECK(a.parts == 2);
  CHECK(b.parts == 2);
  CHECK(same_bits(a.last, b.last));
}

TEST_CASE("a scale that is too large is halved, and the steps that it cost leave no trace") {
  const auto scaled = train(with(kOneBatch, {kHuge, "train.epochs=12"}));
  std::int64_t skipped = 0;
  double expected = 32768;
  for (const auto& step : scaled.steps) {
    CHECK(step.loss_scale == expected);
    if (!step.skipped) continue;
    CHECK(step.step == ++skipped);  // the first ones
    expected /= 2;
  }
  CHECK(skipped > 0);
  CHECK(skipped < 8);
  std::int64_t recorded = 0;
  for (const auto& row : scaled.result.history) recorded += row.skipped_steps;
  CHECK(recorded == skipped);
  CHECK(scaled.result.history.back().loss_scale == expected);
  // As if they had not been: the weights and moments of as many steps fewer.
  const auto fewer = std::to_string(12 - skipped);
  const auto off = train(with(kOneBatch, {kHuge, "train.epochs=" + fewer, "train.loss_scale=\"off\""}));
  CHECK(off.result.history.back().skipped_steps == 0);
  CHECK(same_bits(off.last, scaled.last));
}

TEST_CASE("a fixed scale that is too large skips every step") {
  const auto run = train(with(kOneBatch, {kHuge, "train.epochs=3", "train.loss_scale=16777216"}));
  for (const auto& row : run.result.history) {
    CHECK(row.skipped_steps == 1);
    CHECK(row.loss_scale == 16777216);
  }
  const auto none = train(with(kOneBatch, {kHuge, "train.epochs=0"}));
  CHECK(same_bits(none.last, run.last));
}

}  // namespace
}  // namespace fcngraph::testing
