// SPDX-License-Identifier: Apache-2.0
// Whole models on the backend's answers and kernels, compiled for the host, beside the reference.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fcngraph/engine/random.h>
#include <fcngraph/reference/backend.h>

#include "apply_weights.h"
#include "compiled_model.h"
#include "cudnn_on_host.h"
#include "executor.h"

namespace fcngraph {
namespace {

/// Inputs of a training plan by their meaning: pixels, labels, and the numbers that change from step to step.
std::vector<std::byte> input_of(const std::string& name, const TensorType& type, std::int64_t step) {
  HostTensor out = HostTensor::zeros(type);
  const std::uint64_t key = random_key(7, name);
  for (std::int64_t i = 0; i < type.shape.elements(); ++i) {
    const auto counter = static_cast<std::uint64_t>(i);
    if (type.dtype == DType::u8) out.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(random_below(key, counter, 4));
    if (type.dtype == DType::i64) out.as<std::int64_t>()[i] = type.shape.rank() == 0 ? step : 100 + i;
    if (type.dtype == DType::f32) {
      const bool number = type.shape.rank() == 0;
      out.as<float>()[i] = name.find("loss_scale") != std::string::npos ? 8.0f
                           : number                                     ? 1e-3f
                                    : static_cast<float>(100 * random_uniform(key, counter) - 50);
    }
  }
  return out.data;
}

/// What a few steps of training leave: outputs of the last one, and every parameter.
std::map<std::string, HostTensor> train(const Backend& backend, DType precision, int steps) {
  const Plan plan = test::compiled("tiny/fcn8s.toml", Mode::train, backend, precision, 2, {"model.trainable=all"});
  auto store = std::make_shared<TensorStore>(backend, DeviceOptions{});
  store->seed = 4;
  Executor executor(plan, store);
  (void)apply_weights(executor, {});
  std::vector<std::vector<std::byte>> bound(plan.inputs.size());
  for (int step = 1; step <= steps; ++step) {
    for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
      bound[i] = input_of(plan.inputs[i].first, plan.slots[plan.inputs[i].second].type, step);
      executor.bind(i, bound[i]);
    }
    executor.run();
  }
  std::map<std::string, HostTensor> out;
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) out.emplace(plan.outputs[i].first, executor.read(i));
  const Weights weights = collect_weights(executor);
  for (const auto& name : weights.names()) out.emplace(name, weights.get(name));
  return out;
}

double relative_rms(const HostTensor& got, const HostTensor& want) {
  double difference = 0, whole = 0;
  for (std::int64_t i = 0; i < want.type.shape.elements(); ++i) {
    const double a = static_cast<double>(got.as<float>()[i]), b = static_cast<double>(want.as<float>()[i]);
    difference += (a - b) * (a - b);
    whole += b * b;
  }
  return whole == 0 ? std::sqrt(difference) : std::sqrt(difference / whole);
}

TEST_CASE("a model trained for three steps by these kernels is the reference's") {
  const auto want = train(reference_backend(), DType::f32, 3);
  for (const Backend* backend : {&testing::cudnn_on_host(), &testing::cudnn_on_host(false)}) {
    const auto got = train(*backend, DType::f32, 3);
    REQUIRE(got.size() == want.size());
    for (const auto& [name, tensor] : want) {
      CAPTURE(name);
      if (tensor.type.dtype == DType::f32) CHECK(relative_rms(got.at(name), tensor) < 1e-3);
    }
  }
}

TEST_CASE("in 16 bits its loss is near, its parameters stay in f32, and two runs give the same bits") {
  const auto want = train(reference_backend(), DType::f32, 3);
  for (const auto& [precision, near] : {std::pair{DType::f16, 2e-2}, std::pair{DType::bf16, 1e-1}}) {
    CAPTURE(name_of(precision));
    const auto got = train(testing::cudnn_on_host(), precision, 3),
               again = train(testing::cudnn_on_host(), precision, 3);
    CHECK(relative_rms(got.at("loss"), want.at("loss")) < near);
    for (const auto& [name, tensor] : got) {
      CAPTURE(name);
      if (want.count(name) > 0) CHECK(tensor.type.dtype == want.at(name).type.dtype);
      CHECK(tensor.data == again.at(name).data);
    }
  }
}

/// The twin's logits with those weights, and what its values reach where that is asked for.
HostTensor infer(const Plan& plan, const Backend& backend, const Weights& weights,
                 std::map<std::string, ValueRange, std::less<>>* ranges = nullptr) {
  auto store = std::make_shared<TensorStore>(backend, DeviceOptions{});
  Executor executor(plan, store);
  (void)apply_weights(executor, weights);
  const auto image = input_of("image", plan.slots[plan.inputs.at(0).second].type, 1);
  executor.bind(0, image);
  if (ranges != nullptr) {
    executor.run_observed([&](std::size_t, std::int32_t slot, std::span<const std::byte> bytes) {
      (*ranges)[plan.slots[slot].name].add({reinterpret_cast<const float*>(bytes.data()), bytes.size() / 4});
    });
  }
  executor.run();
  return executor.read(0);
}

TEST_CASE("activations beyond f16 stay in f32 where their range was tracked, and the plan says which") {
  const char* file = "tiny/fcn8s.toml";
  const Plan f32 =
      test::compiled(file, Mode::infer, reference_backend(), DType::f32, 1, {}, {}, {"fuse_epilogues", "fuse_regions"});
  Weights weights;
  {
    Executor executor(f32, std::make_shared<TensorStore>(reference_backend(), DeviceOptions{}));
    (void)apply_weights(executor, {});
    weights = collect_weights(executor);
  }
  // The first stage overflows f16, and the second brings it back.
  for (const auto& [name, factor] : {std::pair{"block1_conv1.weight", 4096.0F}, {"block2_conv1.weight", 1 / 4096.0F}}) {
    HostTensor tensor = weights.get(name);
    for (std::int64_t i = 0; i < tensor.type.shape.elements(); ++i) tensor.as<float>()[i] *= factor;
    weights.set(name, tensor);
  }
  std::map<std::string, ValueRange, std::less<>> ranges;
  const HostTensor want = infer(f32, reference_backend(), weights, &ranges);
  REQUIRE(ranges.at("block1_pool").largest > ValueRange::kLargest);

  const Backend& gpu = testing::cudnn_on_host();
  const HostTensor blind = infer(test::compiled(file, Mode::infer, gpu, DType::f16, 1), gpu, weights);
  CHECK_FALSE(relative_rms(blind, want) < 0.1);
  const Plan plan = test::compiled(file, Mode::infer, gpu, DType::f16, 1, {}, ranges);
  const HostTensor got = infer(plan, gpu, weights);
  CHECK(relative_rms(got, want) < 1e-2);
  std::set<std::string> wide;
  for (const auto& [name, range] : plan.kept_wide) wide.insert(name);
  CHECK(wide.count("block1_pool") == 1);
  CHECK(wide.count("block2_pool") == 0);
  for (const Slot& slot : plan.slots) {
    if (slot.name == "block1_pool") CHECK(slot.type.dtype == DType::f32);
    if (slot.name == "block3_pool") CHECK(slot.type.dtype == DType::f16);
  }
}

TEST_CASE(
    "plans in every mode: convolutions fused with their ReLU, each head's loss one step, no layout changed twice") {
  for (const DType precision : {DType::f32, DType::f16}) {
    for (const Mode mode : {Mode::infer, Mode::eval, Mode::train}) {
      const Plan plan = test::compiled("tiny/fcn8s.toml", mode, testing::cudnn_on_host(), precision, 2);
      CHECK(plan.precision == precision);
      std::map<std::string, int> steps;
      for (const Step& step : plan.steps) {
        ++steps[plan.graph.node(step.node).op->name];
        // What is done at each run to an activation, not once to a weight: the image in, results out.
        const bool reorder = plan.graph.node(step.node).op->name == "reorder";
        if (reorder && step.phase != Phase::setup) ++steps["reorder of an activation"];
      }
      CHECK(steps["relu"] == 0);
      CHECK(steps["region"] == (mode == Mode::infer ? 0 : 3));
      CHECK(steps["cross_entropy"] == 0);
      CAPTURE(steps["reorder of an activation"]);
      CHECK(steps["reorder of an activation"] <= 12);
    }
  }
}

TEST_CASE("every graph of the library compiles for this backend") {
  for (const char* file : {"fcn8s.toml", "paper/fcn8s_at_once.toml", "keras/fcn8s.toml", "examples/unet.toml",
                           "examples/segnet.toml", "examples/fcn8s_resnet18.toml", "examples/fcn8s_mobilenet.toml"}) {
    CAPTURE(file);
    for (const DType precision : {DType::f32, DType::f16}) {
      CHECK_NOTHROW(
          (void)test::compiled(file, Mode::train, testing::cudnn_on_host(), precision, 2, {"model.trainable=all"}));
    }
  }
}

TEST_CASE("the updates of a training step follow each other, so that they can be one launch") {
  for (const DType precision : {DType::f32, DType::f16}) {
    const Plan plan =
        test::compiled("tiny/fcn8s.toml", Mode::train, testing::cudnn_on_host(), precision, 2, {"model.trainable=all"});
    std::vector<std::size_t> updates;
    for (std::size_t s = 0; s < plan.steps.size(); ++s) {
      if (plan.graph.node(plan.steps[s].node).op->name == "adamw") updates.push_back(s);
    }
    REQUIRE(updates.size() > 10);
    CHECK(updates.back() - updates.front() + 1 == updates.size());
  }
}

}  // namespace
}  // namespace fcngraph
