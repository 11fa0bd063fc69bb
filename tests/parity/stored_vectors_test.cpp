// SPDX-License-Identifier: Apache-2.0
// What Keras made of narrow networks, stored by make_vectors.py, against both backends. `./dev parity` does the same live and wide.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "training_steps.h"

namespace fcngraph::parity {
namespace {

constexpr const char* kAdamW = R"(train.optimizer={ kind = "adamw", lr = 1e-3, weight_decay = 0.1 })";
constexpr const char* kAdam = R"(train.optimizer={ kind = "adam", lr = 1e-3 })";
constexpr const char* kSgd = R"(train.optimizer={ kind = "sgd", lr = 1e-2, momentum = 0.9 })";

std::string root() {
  const char* folder = std::getenv("FCNGRAPH_SOURCE_DIR");
  return folder != nullptr ? folder : ".";
}

Weights fixture(const std::string& name) {
  return Weights::map(root() + "/tests/fixtures/parity/" + name + ".safetensors");
}

std::vector<std::string> backends() {
  std::vector<std::string> names;
  for (const auto* backend : builtin_backends()) {
    if (backend->probe().available) names.emplace_back(backend->name());
  }
  return names;
}

std::vector<double> numbers(const Weights& weights, const std::string& name) {
  const Tensor tensor = weights.get(name);
  const auto count = tensor.type.shape.elements();
  if (tensor.type.dtype == DType::f64) return {tensor.as<double>(), tensor.as<double>() + count};
  REQUIRE(tensor.type.dtype == DType::f32);
  return {tensor.as<float>(), tensor.as<float>() + count};
}

/// RMS of the difference over RMS of what Keras has.
double error_of(const std::vector<double>& ours, const std::vector<double>& keras) {
  REQUIRE_EQ(ours.size(), keras.size());
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    difference += (ours[i] - keras[i]) * (ours[i] - keras[i]);
    size += keras[i] * keras[i];
  }
  REQUIRE(size > 0);
  return std::sqrt(difference / size);
}

double largest_difference(const std::vector<double>& ours, const std::vector<double>& keras, bool relative) {
  REQUIRE_EQ(ours.size(), keras.size());
  double largest = 0;
  for (std::size_t i = 0; i < ours.size(); ++i)
    largest = std::max(largest, std::abs(ours[i] - keras[i]) / (relative ? std::abs(keras[i]) : 1));
  return largest;
}

/// Every number of a step, and every tensor after the last one.
void check_course(const Weights& ours, const Weights& keras) {
  for (const auto& name : keras.names()) {
    if (name.starts_with("answer/")) continue;
    CAPTURE(name);
    REQUIRE(ours.contains(name));
    const auto a = numbers(ours, name), b = numbers(keras, name);
    if (name == "loss" || name.ends_with(".losses")) {
      CHECK(largest_difference(a, b, true) < 1e-4);
    } else if (name.ends_with(".accuracies") || name.ends_with(".mean_ious")) {
      CHECK(largest_difference(a, b, false) < 2e-4);
    } else {
      CHECK(error_of(a, b) < 1e-4);
    }
  }
}

StepOptions course(const std::string& backend, double lr, std::int64_t steps = 12) {
  StepOptions options;
  options.backend = backend;
  options.batch = 2;
  options.steps = steps;
  options.lr = lr;
  options.seed = 7;
  return options;
}

/// graphs/GRAPH with the narrow backbone on 96x96 pixels.
Model narrow(const std::string& graph, std::vector<std::string> settings) {
  LoadOptions load;
  load.set = std::move(settings);
  for (const char* set : {"dense_conv.fc6.kernel=3", "dense_conv.fc6.filters=32", "dense_conv.fc7.filters=32",
                          R"(model.input={ height = 96, width = 96, preprocess = "caffe" })"})
    load.set.emplace_back(set);
  load.set.push_back("backbone.use=\"" + root() + "/graphs/tiny/vgg.toml\"");
  return Model::load(root() + "/graphs/" + graph, load);
}

const std::vector<std::string> kNoDropout = {"dense_conv.fc6.dropout=0", "dense_conv.fc7.dropout=0"};

std::vector<std::string> with(std::vector<std::string> settings, std::initializer_list<const char*> more) {
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

TEST_CASE("the tutorial's networks train as Keras trains them: losses, metrics, weights and moments") {
  struct Rule {
    const char *name, *setting;
    double lr;
  };
  for (const char* head : {"fcn32s", "fcn16s", "fcn8s"}) {
    for (const Rule& rule : {Rule{"adamw", kAdamW, 1e-3}, Rule{"adam", kAdam, 1e-3}, Rule{"sgd", kSgd, 1e-2}}) {
      const Model model = narrow(std::string("keras/") + head + ".toml", with(kNoDropout, {rule.setting}));
      const Weights keras = fixture(std::string(head) + "." + rule.name);
      for (const auto& backend : backends()) {
        CAPTURE(head);
        CAPTURE(rule.name);
        CAPTURE(backend);
        check_course(train(model, fixture("weights"), fixture("samples"), course(backend, rule.lr)), keras);
      }
    }
  }
}

TEST_CASE("with dropout, by the masks that its description gives") {
  for (const char* head : {"fcn32s", "fcn16s", "fcn8s"}) {
    const Model model = narrow(std::string("keras/") + head + ".toml", {kAdamW});
    for (const auto& backend : backends()) {
      CAPTURE(head);
      CAPTURE(backend);
      check_course(train(model, fixture("weights"), fixture("samples"), course(backend, 1e-3)),
                   fixture(std::string(head) + ".adamw.dropout"));
    }
  }
}

TEST_CASE("past the clip a pixel costs -log(clip) and has no gradient") {
  const Model model = narrow("keras/fcn16s.toml", with(kNoDropout, {kSgd}));
  const Weights keras = fixture("saturated");
  CHECK(numbers(keras, "fcn16s.losses").front() > 5);
  Weights weights = fixture("weights");
  weights.merge(fixture("saturated_start"));
  for (const auto& backend : backends()) {
    CAPTURE(backend);
    check_course(train(model, weights, fixture("samples"), course(backend, 1e-2, 5)), keras);
  }
}

TEST_CASE("taps and dense convolutions") {
  const Weights keras = fixture("features");
  for (const auto& backend : backends()) {
    StepOptions options = course(backend, 0);
    options.batch = 1;
    options.fetch = keras.names();
    const auto ours = infer(narrow("keras/fcn8s.toml", {}), fixture("weights"), fixture("samples"), options);
    for (const auto& name : keras.names()) {
      CAPTURE(name);
      CAPTURE(backend);
      CHECK(error_of(numbers(ours, name), numbers(keras, name)) < 1e-5);
    }
  }
}

TEST_CASE("three heads on logits, everything trainable, the norm of the gradients clipped") {
  const Model model = narrow(
      "fcn8s.toml", with(kNoDropout, {kSgd, "model.trainable=all", "backbone.trainable=true", "train.clip_norm=1.0",
                                      "dense_conv.fc6.trainable=true", "dense_conv.fc7.trainable=true",
                                      "head.fcn16s.scale=1", "head.fcn8s.scale=1"}));
  Weights weights = fixture("weights");
  weights.merge(fixture("joint_start"));
  Weights samples = fixture("samples");
  Tensor image = samples.get("image");
  std::transform(image.as<float>(), image.as<float>() + image.type.shape.elements(), image.as<float>(),
                 [](float pixel) { return pixel * 0.01F; });
  samples.set("image", image);
  for (const auto& backend : backends()) {
    CAPTURE(backend);
    check_course(train(model, weights, samples, course(backend, 1e-3)), fixture("joint"));
  }
}

TEST_CASE("strided, dilated and transposed convolution, batch norm, pools and upsampling, alone and trained") {
  LoadOptions load;
  load.set = {kSgd, "train.clip_norm=0"};
  const Model model = Model::load(root() + "/tests/parity/operations.toml", load);
  const Weights keras = fixture("operations"), start = fixture("operations_start"),
                samples = fixture("operations_samples");
  for (const auto& backend : backends()) {
    CAPTURE(backend);
    check_course(train(model, start, samples, course(backend, 1e-2)), keras);
    StepOptions one = course(backend, 0);
    one.batch = 1;
    const std::string prefix = "answer/";
    for (const auto& name : keras.names()) {
      if (name.starts_with(prefix)) one.fetch.push_back(name.substr(prefix.size()));
    }
    REQUIRE(one.fetch.size() == 14);
    const auto ours = infer(model, start, samples, one);
    for (const auto& name : one.fetch) {
      CAPTURE(name);
      CHECK(error_of(numbers(ours, name), numbers(keras, prefix + name)) < 1e-5);
    }
  }
}

}  // namespace
}  // namespace fcngraph::parity
