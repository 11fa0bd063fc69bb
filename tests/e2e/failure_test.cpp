// SPDX-License-Identifier: Apache-2.0
// The failure of the tutorial that graphs/keras repeats, and that the default graphs do not have.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <fcngraph/doctor.h>

#include "frozen_features.h"
#include "run_fixture.h"

namespace fcngraph::testing {
namespace {

/// A graph of the repository on frozen features: its heads and its training are untouched.
Model on_features(const std::string& name, const FrozenFeatures& features, std::vector<std::string> set = {}) {
  LoadOptions options;
  const auto size = std::to_string(FrozenFeatures::kSize), filters = std::to_string(FrozenFeatures::kChannels);
  options.data = features.data();
  // 20 epochs of 20 batches: 400 steps.
  options.set = {"backbone.use=" + features.backbone(),
                 "model.input.height=" + size,
                 "model.input.width=" + size,
                 "model.input.preprocess=none",
                 "dense_conv.fc6.kernel=1",
                 "dense_conv.fc6.filters=" + filters,
                 "dense_conv.fc7.filters=" + filters,
                 "dense_conv.fc6.dropout=0",
                 "dense_conv.fc7.dropout=0",
                 "train.optimizer.lr=1e-3",
                 "train.batch=4",
                 "train.epochs=20",
                 "train.validate_every=20"};
  options.set.insert(options.set.end(), set.begin(), set.end());
  return Model::load(graph(name), options);
}

struct Outcome {
  TrainResult result;
  DoctorReport report;
  Weights weights;

  /// Of the validation of the last head.
  const Scores& scores() const { return result.validation.heads.back().scores; }
  /// Of the last epoch of training; 16.118, -ln(1e-7), where every mistake is as wrong as can be.
  double loss_over_error() const {
    const auto& last = result.history.back().heads.back().second;
    return last.loss / (1 - last.accuracy);
  }
  /// Where the class is known to be dead, with the cause and the way out, until step 100.
  bool is_diagnosed(const std::string& name) const {
    return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
      const auto says = [](const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
      };
      return finding.alarm && finding.step <= 100 && says(finding.message, "class '" + name + "'") &&
             says(finding.message, "probability-space loss is saturated") && says(finding.mend, "on = \"logits\"") &&
             says(finding.mend, "scale = \"auto\"");
    });
  }
  bool has(Sign sign) const {
    return std::any_of(report.findings.begin(), report.findings.end(),
                       [&](const Finding& finding) { return finding.sign == sign && finding.step <= 100; });
  }
};

Outcome train(const Model& model, const FrozenFeatures& features, const Weights& before = {}) {
  const Folder folder("failure");
  auto options = quietly(folder.path / "run");
  options.backend = "auto";
  options.weights = before;
  options.weights.merge(features.weights());
  auto result = Trainer(model, std::move(options)).run();
  return {std::move(result), examine_run(folder.path / "run"), last_of(folder.path / "run")};
}

const std::vector<std::string> kClasses{"pad", "pet", "background", "border"};

/// Classes that are in the truth and found nowhere.
std::vector<std::string> dead_classes(const Outcome& run) {
  std::vector<std::string> dead;
  for (std::size_t c = 0; c < kClasses.size(); ++c) {
    if (run.scores().classes.at(c).iou.value_or(1) < 0.005) dead.push_back(kClasses[c]);
  }
  return dead;
}

void check_stuck(const Outcome& run) {
  CHECK(run.loss_over_error() > 15);
  CHECK(run.loss_over_error() < 16.2);
  CHECK(run.has(Sign::saturated));
  CHECK(run.has(Sign::loss_over_error));
  CHECK(run.has(Sign::never_predicted));
  const auto dead = dead_classes(run);
  REQUIRE_FALSE(dead.empty());
  for (const auto& name : dead) {
    CAPTURE(name);
    CHECK(run.is_diagnosed(name));
  }
}

Tensor score_of(const Weights& weights, const std::string& head) { return weights.get(head + ".weight"); }

bool is_same(const Tensor& a, const Tensor& b) { return a.data == b.data; }

TEST_CASE(
    "the tutorial's fcn16s and fcn8s get stuck at the clip of their loss, and the doctor says on what within 100 "
    "steps") {
  constexpr std::uint64_t kSeed = 1;
  const Folder folder("features");
  const FrozenFeatures features(folder.path, kSeed);
  const std::string seed = "train.seed=" + std::to_string(kSeed);
  const auto coarse = train(on_features("keras/fcn32s.toml", features, {seed}), features);
  CHECK(coarse.loss_over_error() < 4);
  CHECK_FALSE(coarse.has(Sign::saturated));
  const auto middle = train(on_features("keras/fcn16s.toml", features, {seed}), features, coarse.weights);
  check_stuck(middle);
  const auto fine = train(on_features("keras/fcn8s.toml", features, {seed}), features, middle.weights);
  check_stuck(fine);
  // The stages share their layers: the score of the first went on training in the second, so that the first one's head is stale.
  CHECK_FALSE(is_same(score_of(coarse.weights, "fcn32s"), score_of(middle.weights, "fcn32s")));
  CHECK(coarse.weights.contains("fcn32s.classifier.weight"));
  CHECK_FALSE(middle.weights.contains("fcn32s.classifier.weight"));

  SUBCASE("a loss on logits, as the doctor proposes, cures it with all else as it was") {
    const auto cured = train(
        on_features("keras/fcn16s.toml", features,
                    {seed, "train.loss={ kind = \"cross_entropy\", on = \"logits\" }", "head.fcn16s.output=logits"}),
        features, coarse.weights);
    CHECK(dead_classes(cured).empty());
    CHECK(cured.scores().mean_iou > middle.scores().mean_iou + 0.3);
  }
  SUBCASE("so does a scale, the other way out") {
    const auto cured =
        train(on_features("keras/fcn16s.toml", features, {seed, "head.fcn16s.scale=auto"}), features, coarse.weights);
    CHECK(dead_classes(cured).empty());
    CHECK(cured.scores().mean_iou > middle.scores().mean_iou + 0.3);
  }
}

TEST_CASE("the default fcn8s learns every class of the same features, whatever the seed") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CAPTURE(seed);
    const Folder folder("features");
    const FrozenFeatures features(folder.path, seed);
    const auto run = train(on_features("fcn8s.toml", features, {"train.seed=" + std::to_string(seed)}), features);
    CHECK(run.scores().mean_iou >= 0.85);
    CHECK(run.loss_over_error() < 8);
    CHECK(dead_classes(run).empty());
  }
}

}  // namespace
}  // namespace fcngraph::testing
