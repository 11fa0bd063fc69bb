// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/text.h>

#include <algorithm>
#include <set>

#include "available_backends.h"
#include "load_graph.h"

namespace fcngraph {
namespace {

Plan plan_of(const std::string& file, Mode mode, const Backend& backend, std::int64_t batch,
             std::vector<std::string> set = {}) {
  const auto spec = test::load_spec(file, std::move(set));
  const OpTable ops;
  CompilerOptions options;
  options.context.mode = mode;
  options.context.backend = &backend;
  options.context.ops = &ops;
  options.context.optimizer = dsl::optimizer_options(spec.train);
  return compile(test::build(spec, {.mode = mode, .batch = batch, .classes = 4}), options);
}

int count_steps(const Plan& plan, const std::string& op) {
  return static_cast<int>(std::count_if(plan.steps.begin(), plan.steps.end(),
                                        [&](const Step& s) { return plan.graph.node(s.node).op->name == op; }));
}

TEST_CASE("plans fit in their arena and no two tensors that live together overlap") {
  for (const Backend* backend : testing::available_backends()) {
    for (const Mode mode : {Mode::infer, Mode::eval, Mode::train}) {
      CAPTURE(backend->name());
      const Plan plan = plan_of("tiny/fcn8s.toml", mode, *backend, 2);
      CHECK(plan.arena_bytes >= plan.live_peak_bytes);
      CHECK(static_cast<double>(plan.arena_bytes) <= 1.05 * static_cast<double>(plan.live_peak_bytes));
      std::vector<int> first(plan.slots.size(), -1), last(plan.slots.size(), -1);
      for (int s = 0; s < static_cast<int>(plan.steps.size()); ++s) {
        for (const auto* list : {&plan.steps[s].operands, &plan.steps[s].results}) {
          for (const auto slot : *list) {
            if (slot < 0) continue;
            if (first[slot] < 0) first[slot] = s;
            last[slot] = s;
          }
        }
      }
      for (const auto& [name, slot] : plan.outputs) last[slot] = static_cast<int>(plan.steps.size());
      for (std::size_t a = 0; a < plan.slots.size(); ++a) {
        const Slot& x = plan.slots[a];
        if (x.storage != Storage::arena || first[a] < 0) continue;
        CHECK(x.offset + x.bytes <= plan.arena_bytes);
        for (std::size_t b = 0; b < a; ++b) {
          const Slot& y = plan.slots[b];
          // An in-place step may hand its place over: then one dies in the step that makes the other.
          if (y.storage != Storage::arena || first[b] < 0 || last[a] <= first[b] || last[b] <= first[a]) continue;
          CHECK_MESSAGE((x.offset + x.bytes <= y.offset || y.offset + y.bytes <= x.offset),
                        x.name << " and " << y.name);
        }
      }
    }
  }
}

TEST_CASE("three heads cost one backbone pass") {
  const Plan plan = plan_of("tiny/fcn8s.toml", Mode::eval, *builtin_backends().back(), 1);
  CHECK(count_steps(plan, "conv2d") == 5 + 2 + 3);
}

TEST_CASE("frozen layers have no gradients, and training reaches what trains") {
  const Plan heads = plan_of("tiny/fcn8s.toml", Mode::train, *builtin_backends().back(), 2);
  CHECK(count_steps(heads, "conv2d_grad_weight") == 3);
  CHECK(count_steps(heads, "conv2d_grad_input") == 0);
  CHECK(count_steps(heads, "adamw") == 6);
  const Plan all = plan_of("tiny/fcn8s.toml", Mode::train, *builtin_backends().back(), 2, {"model.trainable=all"});
  CHECK(count_steps(all, "conv2d_grad_weight") == 10);
  CHECK(count_steps(all, "conv2d_grad_input") == 9);
}

TEST_CASE("dropout is gone outside training, and ReLU is part of the convolution") {
  for (const Backend* backend : testing::available_backends()) {
    const Plan plan = plan_of("tiny/fcn8s.toml", Mode::infer, *backend, 1);
    CHECK(count_steps(plan, "dropout") == 0);
    CHECK(count_steps(plan, "relu") == 0);
  }
}

TEST_CASE("what depends on frozen weights alone is a setup step") {
  for (const Backend* backend : testing::available_backends()) {
    const Plan plan = plan_of("tiny/fcn8s.toml", Mode::train, *backend, 2);
    for (const Step& step : plan.steps) {
      if (step.phase != Phase::setup) continue;
      CHECK(plan.slots[step.results[0]].storage == Storage::resident);
      for (const auto slot : step.operands) {
        if (slot < 0) continue;
        const Slot& operand = plan.slots[slot];
        CHECK((operand.storage == Storage::saved || operand.storage == Storage::constant ||
               operand.storage == Storage::resident));
        CHECK_FALSE(plan.graph.value(operand.value).trainable);
      }
    }
  }
}

TEST_CASE("a plan prints its steps by the user's names") {
  const std::string text = to_text(plan_of("tiny/fcn8s.toml", Mode::infer, *builtin_backends().back(), 1));
  for (const char* name : {"block1_pool", "fcn8s.score", "plan fcn8s_tiny on reference"})
    CHECK(text.find(name) != std::string::npos);
}

}  // namespace
}  // namespace fcngraph
