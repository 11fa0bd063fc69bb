// SPDX-License-Identifier: Apache-2.0
#include "executor.h"

#include <doctest/doctest.h>

#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/ops/add.h>
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/rewriter.h>
#include <fcngraph/reference/backend.h>
#include <cmath>
#include <cstring>
#include <thread>

#include "apply_weights.h"
#include "temporary_folder.h"

namespace fcngraph {
namespace {

/// counter, x -> counter + 1, written where the counter lies.
const OpDef& count_up() {
  const auto run = [](const ReferenceArgs& args) {
    *args.results[0].as<float>() = *args.operands[0].as<float>() + 1.0f;
  };
  static const OpDef def = OpBuilder<NoAttrs>("count_up", "Adds one to a state.")
                               .state("counter")
                               .input("x")
                               .output("next")
                               .infer([](const InferContext& c) { return std::vector{c.operand(0)}; })
                               .reference(run, run)
                               .updates(0, 0)
                               .build();
  return def;
}

/// y = relu(conv(image, weight) + relu(offset)); with `counting`, a state that each run counts up.
Plan make_plan(std::int64_t size = 6, bool counting = false) {
  Graph graph("test");
  Diagnostics diagnostics;
  Rewriter r(graph, diagnostics);
  const ValueId image = r.add_input("image", {DType::f32, {1, 2, size, size}, {}});
  const ValueId weight =
      r.add_parameter("conv.weight", {DType::f32, {3, 2, 3, 3}, {}}, {Initializer::Kind::he_normal, 0}, false);
  const ValueId offset =
      r.add_parameter("offset", {DType::f32, {1, 3, size, size}, {}}, {Initializer::Kind::constant, 0.5}, false);
  const ValueId half = r.add_constant("half", {DType::f32, {1, 3, size, size}, {}},
                                      std::vector<std::byte>(static_cast<std::size_t>(3 * size * size * 4)));
  Conv2dAttrs attrs;
  attrs.filters = 3;
  attrs.kernel = {3, 3};
  const ValueId conv = r.add_value({.name = "conv", .op = &ops::conv2d(), .attrs = attrs, .operands = {image, weight}});
  const ValueId packed = r.add_value({.name = "packed", .op = &ops::relu(), .attrs = NoAttrs{}, .operands = {offset}});
  const ValueId sum = r.add_value({.name = "sum", .op = &ops::add(), .attrs = NoAttrs{}, .operands = {conv, packed}});
  const ValueId more = r.add_value({.name = "more", .op = &ops::add(), .attrs = NoAttrs{}, .operands = {sum, half}});
  r.set_output("y", r.add_value({.name = "y", .op = &ops::relu(), .attrs = NoAttrs{}, .operands = {more}}));
  if (counting) {
    const ValueId counter = r.add_state("counter", {DType::f32, {}, {}}, {});
    r.set_output("count", r.add_value({.name = "count",
                                       .op = &count_up(),
                                       .attrs = NoAttrs{},
                                       .operands = {counter, image},
                                       .phase = Phase::update}));
  }
  diagnostics.throw_if_errors();
  static const OpTable table;
  CompilerOptions options;
  options.context.backend = &reference_backend();
  options.context.ops = &table;
  return compile(std::move(graph), options);
}

HostTensor image_of(std::int64_t size, float scale) {
  HostTensor image = HostTensor::zeros({DType::f32, {1, 2, size, size}, {}});
  for (std::int64_t i = 0; i < 2 * size * size; ++i) image.as<float>()[i] = std::sin(scale * static_cast<float>(i));
  return image;
}

std::shared_ptr<TensorStore> new_store(std::uint64_t seed = 4) {
  auto store = std::make_shared<TensorStore>(reference_backend(), DeviceOptions{});
  store->seed = seed;
  return store;
}

HostTensor run_once(Executor& executor, const HostTensor& image) {
  executor.bind(0, image.data);
  executor.run();
  return executor.read(0);
}

HostTensor meaning(const Plan& plan, Executor& executor, const HostTensor& image) {
  std::map<std::string, HostTensor> bound{{"image", image}};
  const Weights weights = collect_weights(executor);
  for (const auto& name : weights.names()) bound.emplace(name, weights.get(name));
  return interpret(plan.graph, bound).at("y");
}

TEST_CASE("a plan runs as its graph means") {
  const Plan plan = make_plan();
  Executor executor(plan, new_store());
  const WeightsReport report = apply_weights(executor, {});
  CHECK_EQ(report.initialised, 2);
  for (const float scale : {0.3f, 1.7f}) {
    const HostTensor image = image_of(6, scale);
    const HostTensor y = run_once(executor, image);
    CHECK_EQ(y.data, meaning(plan, executor, image).data);
    CHECK_GT(*std::max_element(y.as<float>(), y.as<float>() + 108), 0.0f);
  }
  CHECK_GE(executor.peak_bytes(), plan.arena_bytes + plan.saved_bytes + plan.resident_bytes);
}

TEST_CASE("setup steps run once, and again when what they read changes") {
  const Plan plan = make_plan();
  REQUIRE_GT(plan.resident_bytes, 0);
  const auto store = new_store();
  Executor executor(plan, store);
  apply_weights(executor, {});
  const HostTensor image = image_of(6, 0.3f);
  run_once(executor, image);
  run_once(executor, image);
  CHECK_EQ(executor.setup_runs(), 1);

  Weights weights;
  HostTensor offset = HostTensor::zeros({DType::f32, {1, 3, 6, 6}, {}});
  for (int i = 0; i < 108; ++i) offset.as<float>()[i] = 10.0f;
  weights.set("offset", offset);
  const WeightsReport report = apply_weights(executor, weights);
  CHECK_EQ(report.loaded, 1);
  CHECK_EQ(report.initialised, 0);
  CHECK_EQ(run_once(executor, image).data, meaning(plan, executor, image).data);
  CHECK_EQ(executor.setup_runs(), 2);

  SUBCASE("a change of another tensor repeats nothing") {
    weights = Weights();
    weights.set("conv.weight", HostTensor::zeros({DType::f32, {3, 2, 3, 3}, {}}));
    apply_weights(executor, weights);
    run_once(executor, image);
    CHECK_EQ(executor.setup_runs(), 2);
  }
  SUBCASE("a second executor finds what the first one made, and its changes reach the first") {
    const Plan twin_plan = make_plan();
    Executor twin(twin_plan, store);
    CHECK_EQ(apply_weights(twin, {}).initialised, 0);
    CHECK_EQ(run_once(twin, image).data, run_once(executor, image).data);
    CHECK_EQ(twin.setup_runs(), 0);
    offset.as<float>()[0] = -1.0f;
    weights.set("offset", offset);
    apply_weights(twin, weights);
    CHECK_EQ(run_once(executor, image).data, meaning(plan, executor, image).data);
    CHECK_EQ(executor.setup_runs(), 3);
  }
}

TEST_CASE("states are updated in place") {
  const Plan plan = make_plan(6, true);
  const auto store = new_store();
  Executor executor(plan, store);
  apply_weights(executor, {});
  const HostTensor image = image_of(6, 0.3f);
  for (int i = 0; i < 3; ++i) run_once(executor, image);
  CHECK_EQ(collect_weights(executor).get("counter").as<float>()[0], 3.0f);
  CHECK_EQ(executor.setup_runs(), 1);
  const Plan other_plan = make_plan(6, true);
  Executor other(other_plan, store);
  apply_weights(other, {});
  run_once(other, image);
  CHECK_EQ(collect_weights(executor).get("counter").as<float>()[0], 4.0f);
}

TEST_CASE("two executors in two threads give what they give one after the other") {
  const Plan plan = make_plan(24);
  const auto work = [&](float scale) {
    Executor executor(plan, new_store());
    apply_weights(executor, {});
    HostTensor last;
    for (int i = 0; i < 20; ++i) last = run_once(executor, image_of(24, scale));
    return last.data;
  };
  const auto first = work(0.3f), second = work(0.9f);
  std::vector<std::byte> a, b;
  std::thread one([&] { a = work(0.3f); });
  std::thread two([&] { b = work(0.9f); });
  one.join();
  two.join();
  CHECK_EQ(a, first);
  CHECK_EQ(b, second);
}

TEST_CASE("weights that do not fit change nothing, and every one of them is named") {
  const Plan plan = make_plan();
  Executor executor(plan, new_store());
  apply_weights(executor, {});
  const auto before = collect_weights(executor).get("offset").data;
  Weights weights;
  weights.set("offset", HostTensor::zeros({DType::f32, {1, 3, 6, 6}, {}}));
  SUBCASE("shapes") {
    weights.set("conv.weight", HostTensor::zeros({DType::f32, {3, 2, 5, 5}, {}}));
    weights.set("offset", HostTensor::zeros({DType::i32, {1, 3, 6, 6}, {}}));
    const std::string message = message_of<GraphError>([&] { (void)apply_weights(executor, weights); });
    CHECK(says(message, "f32[3, 2, 3, 3]"));
    CHECK(says(message, "f32[3, 2, 5, 5]"));
    CHECK(says(message, "i32[1, 3, 6, 6]"));
  }
  SUBCASE("NaN") {
    HostTensor bad = HostTensor::zeros({DType::f32, {3, 2, 3, 3}, {}});
    bad.as<float>()[17] = std::nanf("");
    weights.set("conv.weight", bad);
    const std::string message = message_of<IoError>([&] { (void)apply_weights(executor, weights); });
    CHECK(says(message, "'conv.weight'"));
    CHECK(says(message, "index 17"));
  }
  CHECK_EQ(collect_weights(executor).get("offset").data, before);
}

TEST_CASE("other dtypes are converted, unused tensors reported") {
  const Plan plan = make_plan();
  Executor executor(plan, new_store());
  HostTensor weight = HostTensor::zeros({DType::f64, {3, 2, 3, 3}, {}});
  weight.as<double>()[4] = 0.25;
  Weights weights;
  weights.set("conv.weight", weight);
  weights.set("else", HostTensor::zeros({DType::f32, {1}, {}}));
  const WeightsReport report = apply_weights(executor, weights);
  CHECK_EQ(report.loaded, 1);
  CHECK_EQ(report.initialised, 1);
  CHECK_EQ(report.unused, 1);
  CHECK_EQ(collect_weights(executor).get("conv.weight").as<float>()[4], 0.25f);
}

TEST_CASE("a plan that wants more memory than there is, is refused with both numbers") {
  Plan plan = make_plan();
  plan.arena_bytes = std::int64_t{1} << 50;
  const std::string message = message_of<BackendError>([&] { Executor executor(plan, new_store()); });
  CHECK(says(message, "needs 1.0 PiB"));
  CHECK(says(message, "available"));
}

TEST_CASE("tensors of another type are not shared") {
  const auto store = new_store();
  const Plan small = make_plan(6), large = make_plan(8);
  Executor executor(small, store);
  const std::string message = message_of<GraphError>([&] { Executor other(large, store); });
  CHECK(says(message, "f32[1, 3, 8, 8]"));
  CHECK(says(message, "f32[1, 3, 6, 6]"));
}

}  // namespace
}  // namespace fcngraph
