// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/plan.h>

#include "run_fixture.h"

namespace fcngraph::testing {
namespace {

CompileOptions training(std::int64_t batch) {
  CompileOptions options;
  options.mode = Mode::train;
  options.batch = batch;
  options.backend = "reference";
  options.threads = 1;
  return options;
}

std::int64_t needed(const Program& program) {
  const auto& plan = program.plan();
  std::int64_t bytes = plan.arena_bytes + plan.saved_bytes + plan.resident_bytes;
  for (const auto& slot : plan.slots) {
    if (slot.storage == Storage::constant || slot.storage == Storage::input) bytes += slot.bytes;
  }
  return bytes;
}

/// Little trains, so that to add up its gradients costs less than to compute anything again.
Model trained_heads() { return tiny({"train.epochs=2", "data.val_images=0", "train.optimizer.lr=0.01"}); }
Model trained_whole() { return tiny({"model.trainable=all"}); }

double relative(double a, double b) { return std::abs(a - b) / std::max(std::abs(a), 1e-30); }

TEST_CASE("a batch that goes through in parts gives the losses of the whole batch") {
  const Folder folder("parts");
  const auto model = trained_heads();
  auto compile = training(4);
  const auto whole = model.compile(compile);
  compile.parts = 2;
  const auto halves = model.compile(compile);
  REQUIRE(needed(halves) < needed(whole));
  CHECK(halves.batch() == 2);

  // Six pictures in batches of four: the second batch is half full, and its second part is left out.
  auto options = quietly(folder.path / "whole");
  const auto once = Trainer(model, options).run();
  options.out = folder.path / "parts";
  options.cache = "off";
  options.memory_budget = needed(halves);
  std::string log;
  options.log = [&](std::string_view line) { log += std::string(line) + '\n'; };
  const auto parts = Trainer(model, options).run();
  CHECK(log.find("in 2 parts of 2") != std::string::npos);
  REQUIRE(parts.history.size() == once.history.size());
  for (std::size_t e = 0; e < once.history.size(); ++e) {
    for (std::size_t h = 0; h < once.history[e].heads.size(); ++h)
      CHECK(relative(once.history[e].heads[h].second.loss, parts.history[e].heads[h].second.loss) < 1e-6);
  }
  const auto weights = last_of(folder.path / "parts");
  for (const auto& name : weights.names()) CHECK_FALSE(name.starts_with("gradient_sum."));

  // What is cached of the samples goes through in the same parts.
  const auto split = model.compile_split(compile);
  options.out = folder.path / "cached";
  options.cache = "memory";
  options.memory_budget = needed(split.step) + (split.features ? needed(*split.features) : 0);
  CHECK_FALSE(Trainer(model, options).run().interrupted);
  CHECK(same_bits(last_of(folder.path / "cached"), weights));
}

TEST_CASE("a run in parts that is interrupted goes on in the same parts, to the same bits") {
  const Folder folder("parts-resume");
  const auto model = trained_heads();
  auto compile = training(4);
  compile.parts = 4;
  auto options = quietly(folder.path / "straight");
  options.cache = "off";
  options.memory_budget = needed(model.compile(compile));
  Trainer(model, options).run();
  options.out = folder.path / "broken";
  int steps = 0;
  options.on_step = [&](const StepProgress&) { ++steps; };
  options.stop_requested = [&] { return steps >= 3; };
  REQUIRE(Trainer(model, options).run().interrupted);
  auto on = quietly({});
  on.cache = "off";
  on.resume = folder.path / "broken";
  CHECK_FALSE(Trainer(model, on).run().interrupted);
  CHECK(same_bits(last_of(folder.path / "straight"), last_of(folder.path / "broken")));
}

/// Losses and weights after some steps on one batch.
struct Trained {
  std::vector<float> losses;
  Weights weights;
};

Trained steps_of(const Program& program) {
  auto session = program.open({}, 3);
  std::map<std::string, Tensor> inputs;
  for (const auto& [name, slot] : program.plan().inputs) {
    auto tensor = Tensor::zeros({program.plan().slots[static_cast<std::size_t>(slot)].type.dtype,
                                 program.plan().slots[static_cast<std::size_t>(slot)].type.shape,
                                 {}});
    const auto count = tensor.type.shape.elements();
    for (std::int64_t i = 0; i < count; ++i) {
      if (name == "image") tensor.as<float>()[i] = static_cast<float>(i * 7919 % 251) - 125.0F;
      if (name == "labels") tensor.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(i / 5 % 2);
    }
    if (name == "lr") *tensor.as<float>() = 1e-3F;
    if (name == "step") *tensor.as<std::int64_t>() = 1;
    inputs.emplace(name, std::move(tensor));
  }
  Trained out;
  for (int i = 0; i < 3; ++i) {
    session.step(inputs);
    out.losses.push_back(*session.read("loss").as<float>());
  }
  out.weights = session.weights();
  return out;
}

TEST_CASE("values that are computed again take less memory, and give the same bits") {
  const auto model = trained_whole();
  auto compile = training(4);
  for (const auto* backend : {"reference", "auto"}) {
    CAPTURE(backend);
    compile.backend = backend;
    compile.recompute = 0;
    const auto kept = model.compile(compile);
    CHECK(kept.plan().flops(Phase::recompute) == 0);
    const auto expected = steps_of(kept);
    for (const int segments : {2, 3}) {
      CAPTURE(segments);
      compile.recompute = segments;
      const auto again = model.compile(compile);
      CHECK(again.plan().arena_bytes < kept.plan().arena_bytes);
      CHECK(again.plan().flops(Phase::recompute) > 0);
      CHECK(again.plan().flops(Phase::recompute) < kept.plan().flops(Phase::forward));
      const auto found = steps_of(again);
      CHECK(found.losses == expected.losses);
      CHECK(same_bits(found.weights, expected.weights));
    }
  }
}

/// Convolutions with batch norm and ReLU, one after the other.
std::string normalized() {
  std::string text =
      "fcngraph = 1\n[model]\nname = \"normalized\"\ntrainable = \"all\"\n"
      "input = { height = 32, width = 32, preprocess = \"tf\" }\n";
  for (int i = 0; i < 6; ++i) {
    const auto name = std::to_string(i);
    text += "[[node]]\nname = \"conv" + name + "\"\nop = \"conv2d\"\nfilters = 8\nkernel = 3\npadding = \"same\"\n";
    if (i == 0) text += "inputs = [\"image\"]\n";
    text += "[[node]]\nname = \"norm" + name + "\"\nop = \"batch_norm\"\nactivation = \"relu\"\n";
  }
  return text + "[[head]]\nname = \"scores\"\nfrom = \"norm5\"\n[data]\nkind = \"synthetic\"\nsize = 32\n";
}

TEST_CASE("batch normalisation is not done again, the convolutions before it are") {
  const auto model = Model::parse(normalized(), ".");
  auto compile = training(2);
  compile.backend = "auto";
  const auto kept = model.compile(compile);
  compile.recompute = 2;
  const auto again = model.compile(compile);
  CHECK(again.plan().arena_bytes < kept.plan().arena_bytes);
  CHECK(again.plan().flops(Phase::recompute) > 0);
  std::size_t statistics = 0;
  for (const auto& step : again.plan().steps) {
    const bool normalizes = again.plan().graph.node(step.node).op->name == "batch_norm";
    statistics += step.phase == Phase::recompute && normalizes ? 1 : 0;
  }
  CHECK(statistics == 0);
  const auto expected = steps_of(kept), found = steps_of(again);
  CHECK(found.losses == expected.losses);
  CHECK(same_bits(found.weights, expected.weights));
}

TEST_CASE("a budget makes batches smaller, and one that nothing fits says what would") {
  const auto model = trained_whole();
  CompileOptions compile;
  compile.mode = Mode::infer;
  compile.backend = "reference";
  compile.batch = 3;
  const auto three = needed(model.compile(compile));
  compile.batch = 8;
  compile.memory_budget = three;
  CHECK(model.compile(compile).batch() == 3);
  compile.memory_budget = 1000;
  CHECK_THROWS_WITH_AS((void)model.compile(compile), doctest::Contains("the least is"), GraphError);
  auto train = training(4);
  train.memory_budget = 1000;
  CHECK_THROWS_WITH_AS((void)model.compile(train), doctest::Contains("too small"), GraphError);
}

TEST_CASE("batch normalisation keeps its batch whole") {
  const auto model = tiny({"model.trainable=all"}, "examples/fcn8s_resnet18.toml");
  auto compile = training(4);
  compile.parts = 2;
  CHECK_THROWS_WITH_AS((void)model.compile(compile), doctest::Contains("whole batch"), GraphError);
  compile.parts = 1;
  compile.memory_budget = 1000;
  CHECK_THROWS_WITH_AS((void)model.compile(compile), doctest::Contains("batch normalisation"), GraphError);
}

}  // namespace
}  // namespace fcngraph::testing
