// SPDX-License-Identifier: Apache-2.0
// Several heads in one plan: what they share is computed once, and each trains as its keys say.
#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/text.h>

#include <algorithm>
#include <set>

#include "available_backends.h"
#include "load_graph.h"

namespace fcngraph {
namespace {

Plan plan_of(Mode mode, const Backend& backend, std::vector<std::string> set = {}) {
  const auto spec = test::load_spec("tiny/fcn8s.toml", std::move(set));
  const OpTable ops;
  CompilerOptions options;
  options.context.mode = mode;
  options.context.backend = &backend;
  options.context.ops = &ops;
  options.context.optimizer = dsl::optimizer_options(spec.train);
  return compile(test::build(spec, {.mode = mode, .batch = 2, .classes = 5}), options);
}

int count_steps(const Plan& plan, const std::string& op) {
  return static_cast<int>(std::count_if(plan.steps.begin(), plan.steps.end(),
                                        [&](const Step& s) { return plan.graph.node(s.node).op->name == op; }));
}

/// Regions that make the gradient of their score.
int count_gradients(const Plan& plan) {
  return static_cast<int>(std::count_if(plan.steps.begin(), plan.steps.end(), [&](const Step& s) {
    const Node& node = plan.graph.node(s.node);
    return node.body && node.body->outputs().back().first == "grad_score";
  }));
}

std::set<std::string> updated(const Plan& plan) {
  std::set<std::string> names;
  for (const Step& step : plan.steps) {
    const Node& node = plan.graph.node(step.node);
    if (node.op->name == "adamw") names.insert(plan.graph.value(node.operands[0]).name);
  }
  return names;
}

TEST_CASE("no step of a plan occurs twice, and the backbone's convolutions once") {
  for (const Backend* backend : testing::available_backends()) {
    CAPTURE(backend->name());
    for (const Mode mode : {Mode::infer, Mode::eval, Mode::train}) {
      const Plan plan = plan_of(mode, *backend);
      CHECK(count_steps(plan, "conv2d") == 5 + 2 + 3);
      std::set<std::string> seen;
      for (const Step& step : plan.steps) {
        const Node& node = plan.graph.node(step.node);
        std::string signature = node.op->name;
        for (const auto& [key, value] : node.attrs.to_map()) signature += ";" + key + "=" + to_string(value);
        for (const std::int32_t slot : step.operands) signature += "," + std::to_string(slot);
        if (node.body) signature += to_text(*node.body);
        CHECK_MESSAGE(seen.insert(signature).second, step.name << " repeats " << signature);
      }
    }
  }
}

TEST_CASE("each head's loss is one step that stores no logits") {
  for (const Backend* backend : testing::available_backends()) {
    CAPTURE(backend->name());
    for (const Mode mode : {Mode::eval, Mode::train}) {
      const Plan plan = plan_of(mode, *backend);
      CHECK(count_steps(plan, "region") == 3);
      CHECK(count_gradients(plan) == (mode == Mode::train ? 3 : 0));
      for (const char* op : {"cross_entropy", "argmax", "mean_loss", "cross_entropy_grad"})
        CHECK(count_steps(plan, op) == 0);
      for (const Slot& slot : plan.slots) {
        const bool logits = slot.type.shape.rank() == 4 && slot.type.shape[1] == 5 && slot.type.shape[2] >= 64;
        CHECK_FALSE_MESSAGE(logits, slot.name << " is " << to_string(slot.type));
      }
      for (const char* head : {"fcn32s", "fcn16s", "fcn8s"}) {
        for (const char* what : {".loss", ".loss_sum", ".labels"})
          CHECK(plan.graph.find_value(head + std::string(what)).valid());
        CHECK(plan.graph.find_node(head + std::string(".loss")).valid());
      }
    }
  }
}

TEST_CASE("a head with loss weight 0 costs no way back") {
  const Backend& backend = *builtin_backends().back();
  const Plan last = plan_of(Mode::train, backend, {"head.fcn8s.loss_weight=0"});
  CHECK(count_steps(last, "conv2d_grad_weight") == 2);
  CHECK(count_gradients(last) == 2);
  CHECK(updated(last) == std::set<std::string>{"fcn32s.weight", "fcn32s.bias", "fcn16s.weight", "fcn16s.bias"});
  // What another head fuses learns from that one's loss.
  const Plan first = plan_of(Mode::train, backend, {"head.fcn32s.loss_weight=0", "head.fcn16s.loss_weight=0"});
  CHECK(count_steps(first, "conv2d_grad_weight") == 3);
  CHECK(count_gradients(first) == 1);
  CHECK_THROWS_AS(plan_of(Mode::train, backend,
                          {"head.fcn32s.loss_weight=0", "head.fcn16s.loss_weight=0", "head.fcn8s.loss_weight=0"}),
                  GraphError);
}

TEST_CASE("a head that is frozen keeps its weights, and those that it fuses learn through it") {
  const Plan plan = plan_of(Mode::train, *builtin_backends().back(), {"head.fcn16s.trainable=false"});
  CHECK(updated(plan) == std::set<std::string>{"fcn32s.weight", "fcn32s.bias", "fcn8s.weight", "fcn8s.bias"});
  CHECK(count_gradients(plan) == 3);
}

}  // namespace
}  // namespace fcngraph
