// SPDX-License-Identifier: Apache-2.0
#include "update.h"

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <vector>

#include <fcngraph/engine/ops/optimizer.h>
#include <fcngraph/engine/random.h>

#include "cudnn_on_host.h"

namespace fcngraph::cudnn {
namespace {

/// A parameter with its gradient and states, and the numbers that its update reads.
struct Parameter {
  TensorType type;
  std::vector<float> values, grad, first, second;
  float lr = 0.01F, scale = 0.5F, finite = 1;
  std::int64_t step = 3;
  std::vector<std::byte> workspace = std::vector<std::byte>(1 << 16);

  Parameter(std::int64_t elements, std::uint64_t key) : type{DType::f32, {elements}, {}} {
    const auto random = [&](std::uint64_t of) {
      std::vector<float> out;
      for (std::int64_t i = 0; i < elements; ++i)
        out.push_back(static_cast<float>(random_uniform(key * 8 + of, static_cast<std::uint64_t>(i))));
      return out;
    };
    values = random(0), grad = random(1), first = random(2), second = random(3);
    lr *= static_cast<float>(1 + key % 3);
    finite = key % 7 == 5 ? 0.0F : 1.0F;
  }
};

template <class T>
std::byte* address(T& of) {
  return reinterpret_cast<std::byte*>(&of);
}
std::byte* address(std::vector<float>& of) { return reinterpret_cast<std::byte*>(of.data()); }

struct Rule {
  const char* name;
  const OpDef& op;
  Attrs attrs;
  bool moments, velocity;
};

std::vector<Rule> rules() {
  return {{"sgd", ops::sgd(), SgdAttrs{}, false, false},
          {"momentum", ops::sgd(), SgdAttrs{.momentum = 0.9}, false, true},
          {"nesterov", ops::sgd(), SgdAttrs{.momentum = 0.9, .nesterov = true}, false, true},
          {"adam", ops::adam(), AdamAttrs{}, true, false},
          {"adamw", ops::adamw(), AdamWAttrs{.weight_decay = 0.1}, true, false}};
}

/// Updates all of them: launched in one run, so that they run together, or each on its own.
void update(const Rule& rule, std::vector<Parameter>& parameters, bool together) {
  const auto device = testing::cudnn_on_host().open({});
  std::vector<std::unique_ptr<Kernel>> kernels;
  static const TensorType number{DType::f32, Shape{}, {}}, whole{DType::i64, Shape{}, {}};
  if (together) device->begin_run();
  for (Parameter& p : parameters) {
    const TensorType* t = &p.type;
    StepView view{"update", &rule.op, &rule.attrs, {}, {}, nullptr};
    std::vector<std::byte*> operands, results;
    const auto give = [&](const TensorType* type, std::byte* at) {
      view.operands.push_back(type), operands.push_back(at);
    };
    give(t, address(p.values)), give(t, address(p.grad));
    if (rule.moments) give(t, address(p.first)), give(t, address(p.second));
    if (!rule.moments) give(rule.velocity ? t : nullptr, rule.velocity ? address(p.first) : nullptr);
    give(&number, address(p.lr));
    if (rule.moments) give(&whole, address(p.step));
    give(&number, address(p.scale)), give(&number, address(p.finite));
    view.results = {t}, results = {address(p.values)};
    if (rule.moments || rule.velocity) view.results.push_back(t), results.push_back(address(p.first));
    if (rule.moments) view.results.push_back(t), results.push_back(address(p.second));
    REQUIRE(static_cast<std::size_t>(testing::cudnn_on_host().capability(view, {}).workspace) <= p.workspace.size());
    kernels.push_back(device->prepare(view));
    kernels.back()->launch({operands, results, p.workspace.data()});
  }
  if (together) device->end_run();
}

std::vector<Parameter> some(std::size_t count) {
  std::vector<Parameter> out;
  for (std::size_t i = 0; i < count; ++i) out.emplace_back(static_cast<std::int64_t>(1 + i * 37 % 301), i);
  return out;
}

TEST_CASE("parameters that are updated in one launch get the bits that each gets in its own") {
  // In one small table, in the large one, and in more than one launch has room for.
  for (const std::size_t count : {std::size_t{5}, std::size_t{200}, kMostUpdates, kMostUpdates + 30}) {
    for (const Rule& rule : rules()) {
      CAPTURE(rule.name);
      CAPTURE(count);
      const auto before = some(count);
      auto together = before, apart = before;
      update(rule, together, true);
      update(rule, apart, false);
      for (std::size_t i = 0; i < count; ++i) {
        CHECK(together[i].values == apart[i].values);
        CHECK(together[i].first == apart[i].first);
        CHECK(together[i].second == apart[i].second);
        // A gradient that was not finite leaves everything as it was.
        CHECK((together[i].values == before[i].values) == (before[i].finite == 0));
      }
    }
  }
}

}  // namespace
}  // namespace fcngraph::cudnn
