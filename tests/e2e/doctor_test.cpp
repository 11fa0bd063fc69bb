// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include <fcngraph/doctor.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/tensor.h>

#include "run_fixture.h"

namespace fcngraph::testing {
namespace {

/// 100 steps on forty small pictures.
Model patient(std::vector<std::string> set, const std::string& name = "tiny/fcn32s.toml") {
  set.insert(set.begin(), {"data.images=40", "data.val_images=1", "train.epochs=10", "train.validate_every=10"});
  return tiny(set, name);
}

Tensor filled(const Shape& shape, float value) {
  Tensor tensor = Tensor::zeros({DType::f32, shape, {}});
  std::fill_n(tensor.as<float>(), shape.elements(), value);
  return tensor;
}

struct Examined {
  TrainResult result;
  DoctorReport report;

  const Finding* find(Sign sign, const std::string& where = {}) const {
    for (const auto& finding : report.findings) {
      if (finding.sign == sign && (where.empty() || finding.where == where)) return &finding;
    }
    return nullptr;
  }
};

Examined examine(const Model& model, Weights weights = {}, const std::string& cache = "memory") {
  const Folder folder("doctor");
  auto options = quietly(folder.path / "run");
  options.backend = "auto";  // in the layouts that users have
  options.weights = std::move(weights);
  options.cache = cache;
  auto result = Trainer(model, std::move(options)).run();
  return {std::move(result), examine_run(folder.path / "run")};
}

/// Found within 100 steps, with a cause that names the place and a way out.
void expect(const Examined& run, Sign sign, const std::string& cause, const std::string& mend,
            const std::string& where = {}) {
  CAPTURE(std::string(name_of(sign)));
  const Finding* finding = run.find(sign, where);
  REQUIRE(finding != nullptr);
  CAPTURE(finding->text());
  CHECK(finding->alarm);
  CHECK(finding->step <= 100);
  CHECK(finding->message.find(cause) != std::string::npos);
  CHECK(finding->mend.find(mend) != std::string::npos);
}

TEST_CASE("a feature that is scaled up saturates its head") {
  const auto run = examine(patient({"head.fcn8s.scale=1000"}, "tiny/fcn8s.toml"));
  expect(run, Sign::tap_ratio, "'fcn8s'", "head.fcn8s.scale = \"auto\"");
  expect(run, Sign::saturated, "p(true) under 1e-7", "head.fcn8s.scale = \"auto\"", "fcn8s");
  expect(run, Sign::logit_range, "'fcn8s'", "head.fcn8s.scale = \"auto\"", "fcn8s");
  CHECK(run.find(Sign::saturated, "fcn32s") == nullptr);
  CHECK(run.report.tap_rms.size() == 3);
}

TEST_CASE("a loss on probabilities is past its clip where logits would only be far apart") {
  const auto run = examine(patient(
      {"head.fcn8s.scale=1000", "train.loss={ kind = \"cross_entropy\", on = \"probabilities\" }"}, "tiny/fcn8s.toml"));
  const std::string cause = "probability-space loss is saturated";
  expect(run, Sign::saturated, cause, "on = \"logits\"", "fcn8s");
  expect(run, Sign::saturated, "of class '", "head.fcn8s.scale = \"auto\"", "fcn8s");
  expect(run, Sign::logit_range, "'fcn8s'", "on = \"logits\"", "fcn8s");
  CHECK(run.find(Sign::saturated, "fcn32s") == nullptr);
}

TEST_CASE("a class that nothing is learnt of is never predicted") {
  const auto run = examine(patient({"train.loss.class_weights=[1, 1, 1, 0]", "train.optimizer.lr=0.05"}));
  expect(run, Sign::never_predicted, "class 'dots'", "train.loss.class_weights");
}

TEST_CASE("a loss that stays at its cap is seen by its quotient") {
  Weights weights;
  weights.set("fcn32s.weight", filled({4, 32, 1, 1}, 0));
  Tensor bias = filled({4}, 0);
  bias.as<float>()[0] = 15.6F;
  weights.set("fcn32s.bias", bias);
  const auto run = examine(patient({"train.optimizer.lr=1e-12"}), std::move(weights));
  expect(run, Sign::loss_over_error, "'fcn32s'", "train.optimizer.lr");
  CHECK(run.find(Sign::loss_over_error)->value == doctest::Approx(15.6).epsilon(0.01));
  CHECK(run.find(Sign::saturated) == nullptr);
  // The weights had nothing for the frozen part.
  expect(run, Sign::frozen_at_init, "frozen", "--weights");
}

TEST_CASE("a layer behind a head of zeros has no gradient") {
  const auto run =
      examine(patient({"dense_conv.fc7.trainable=true", "head.fcn32s.init=zeros", "head.fcn32s.trainable=false"}));
  expect(run, Sign::zero_gradients, "'fc7.weight'", "init");
  CHECK(run.report.zero_gradient_share == 1.0);
}

TEST_CASE("the first value that is not finite is named") {
  Weights weights;
  weights.set("fc7.weight", filled({32, 32, 1, 1}, 3e38F));
  const auto run = examine(patient({}), std::move(weights));
  expect(run, Sign::not_finite, "the first such value is 'fc7' (conv2d)", "train.optimizer.lr");
  CHECK(run.report.skipped_steps == 100);
}

TEST_CASE("a step that is far too long is found as it leaves the numbers") {
  const auto run = examine(patient({"train.optimizer.lr=1e38", "train.clip_norm=0", "train.schedule=constant"}));
  expect(run, Sign::not_finite, "the first such value is 'fcn32s", "train.clip_norm = 1");
}

TEST_CASE("gradients too large for the loss scale halve it again and again") {
  // Clipped to a norm of 1 once they are numbers, so that the run is fine without a scale.
  const std::vector<std::string> huge{"head.fcn32s.loss_weight=1e35"};
  auto set = huge;
  set.emplace_back("train.loss_scale=\"dynamic\"");
  const auto run = examine(patient(set));
  expect(run, Sign::loss_scale, "the first such value is 'fcn32s", "train.loss_scale = \"off\"");
  CHECK(run.find(Sign::loss_scale)->message.find("halved 6 times") != std::string::npos);
  // Which is all that is wrong.
  CHECK(run.find(Sign::not_finite) == nullptr);
  CHECK(run.report.skipped_steps > 5);
  CHECK(run.report.skipped_steps < 20);
  CHECK(run.report.loss_scale_halvings == run.report.skipped_steps);
  std::int64_t skipped = 0;
  for (const auto& row : run.result.history) skipped += row.skipped_steps;
  CHECK(skipped == run.report.skipped_steps);
  CHECK(run.result.history.back().loss_scale == std::ldexp(1.0, 15 - static_cast<int>(skipped)));

  const auto unscaled = examine(patient(huge));
  CHECK(unscaled.find(Sign::loss_scale) == nullptr);
  CHECK(unscaled.report.skipped_steps == 0);
  CHECK_FALSE(unscaled.report.loss_scale_halvings.has_value());
}

TEST_CASE("a fixed loss scale that is too large is a gradient that is not finite") {
  const auto run = examine(patient({"head.fcn32s.loss_weight=1e35", "train.loss_scale=16777216"}));
  expect(run, Sign::not_finite, "the first such value is", "train.loss_scale = \"dynamic\", or one below 16777216");
  CHECK(run.find(Sign::loss_scale) == nullptr);
  CHECK(run.report.skipped_steps == 100);
}

TEST_CASE("no loss scale helps a loss that is no number") {
  Weights weights;
  weights.set("fc7.weight", filled({32, 32, 1, 1}, 3e38F));
  const auto run = examine(patient({"train.loss_scale=\"dynamic\""}), std::move(weights));
  expect(run, Sign::not_finite, "the first such value is 'fc7' (conv2d)", "train.optimizer.lr");
  CHECK(run.find(Sign::loss_scale) == nullptr);
  CHECK(run.report.loss_scale_halvings == 15);
  CHECK(run.report.skipped_steps == 100);
}

TEST_CASE("channels behind a ReLU that never open are dead, of a layer and of a score") {
  Weights weights;
  weights.set("fc7.bias", filled({32}, -1e4F));
  auto run = examine(patient({"dense_conv.fc7.trainable=true", "dense_conv.fc7.bias=true"}), std::move(weights));
  expect(run, Sign::dead_channels, "32 of its 32", "init = \"he\"");
  Weights of_head;
  of_head.set("fcn32s.bias", filled({4}, -1e4F));
  run = examine(patient({"head.fcn32s.activation=relu"}), std::move(of_head));
  expect(run, Sign::dead_channels, "4 of its 4", "head.fcn32s.activation = \"linear\"");
  expect(run, Sign::never_predicted, "a ReLU on its score", "head.fcn32s.activation = \"linear\"");
}

TEST_CASE("pictures that take longer to make than to learn from are waited for") {
  const auto run =
      examine(tiny({"data.images=24", "data.val_images=0", "data.size=1400", "train.batch=1", "train.epochs=1"},
                   "tiny/fcn32s.toml"),
              {}, "off");
  expect(run, Sign::data_wait, "waiting for data", "--threads");
}

TEST_CASE("twenty healthy runs raise no alarm") {
  for (int seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    const auto number = std::to_string(seed);
    std::vector<std::string> set{"data.seed=" + number, "train.seed=" + number};
    // A quarter of them train everything, a quarter has the loss that saturates, and no reason to, and a quarter scales it.
    if (seed % 4 == 1) set.emplace_back("train.loss_scale=\"dynamic\"");
    if (seed % 4 == 2) set.emplace_back("train.loss={ kind = \"cross_entropy\", on = \"probabilities\" }");
    if (seed % 4 == 3) set.insert(set.end(), {"model.trainable=all", "model.input.preprocess=tf"});
    const auto run = examine(patient(set, "tiny/fcn8s.toml"));
    CHECK(run.report.steps == 100);
    for (const auto& finding : run.report.findings) {
      CAPTURE(finding.text());
      CHECK_FALSE(finding.alarm);
    }
  }
}

TEST_CASE("doctor = \"stop\" ends the run at the first alarm, and it can be gone on with; \"off\" leaves no record") {
  const Folder folder("stop");
  const auto model = patient({"head.fcn8s.scale=1000", "train.doctor=stop"}, "tiny/fcn8s.toml");
  const auto stopped = Trainer(model, quietly(folder.path / "run")).run();
  CHECK(stopped.stopped.find("scale = \"auto\"") != std::string::npos);
  CHECK_FALSE(stopped.interrupted);
  CHECK(stopped.history.empty());
  auto options = quietly({});
  options.resume = folder.path / "run";
  // What is known does not stop it again; what is new does.
  std::size_t known = examine_run(folder.path / "run").findings.size();
  const auto again = Trainer(model, options).run();
  if (!again.stopped.empty()) CHECK(examine_run(folder.path / "run").findings.size() > known);
  Trainer(tiny({"train.epochs=1", "train.doctor=off"}), quietly(folder.path / "off")).run();
  CHECK_FALSE(std::filesystem::exists(folder.path / "off" / "doctor.json"));
  CHECK(examine_run(folder.path / "off").mode.empty());
  CHECK_THROWS_AS(examine_run(folder.path / "absent"), IoError);
}

TEST_CASE("the doctor changes no bit of what is trained") {
  const Folder folder("bits");
  Trainer(tiny({"train.epochs=20"}), quietly(folder.path / "with")).run();
  Trainer(tiny({"train.epochs=20", "train.doctor=off"}), quietly(folder.path / "without")).run();
  const auto with = last_of(folder.path / "with"), without = last_of(folder.path / "without");
  CHECK(same_bits(with, without));
}

}  // namespace
}  // namespace fcngraph::testing
