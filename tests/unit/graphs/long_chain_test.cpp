// SPDX-License-Identifier: Apache-2.0
// Compilation grows with the graph, not with its square. Work is counted; time decides nothing.
#include <doctest/doctest.h>

#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

/// Pairs of a 1x1 convolution and an op that counts how often its shape rule is asked, one after the other.
struct Chain {
  std::int64_t asked = 0;
  OpTable ops;
  Graph graph{"chain"};

  explicit Chain(int pairs) : ops(OpTable().with(counting_relu())) {
    Diagnostics diagnostics;
    Rewriter rewriter(graph, diagnostics);
    ValueId x = rewriter.add_input("image", {DType::f32, {1, 2, 4, 4}, {}});
    for (int i = 0; i < pairs; ++i) {
      const std::string name = "layer" + std::to_string(i);
      const ValueId weight = rewriter.add_parameter(name + ".weight", {DType::f32, {2, 2, 1, 1}, {}}, {}, true);
      x = rewriter.add_value({name, &ops::conv2d(), Conv2dAttrs{.filters = 2}, {x, weight}});
      x = rewriter.add_value({name + ".act", ops.find("counting_relu"), NoAttrs{}, {x}});
    }
    rewriter.set_output("y", x);
    REQUIRE(!diagnostics.has_errors());
  }

  Plan compiled() {
    CompilerOptions options;
    options.context.mode = Mode::infer;
    options.context.backend = builtin_backends().back();
    options.context.ops = &ops;
    return compile(graph, options);
  }

 private:
  OpDef counting_relu() {
    OpDef def = ops::relu();
    def.name = "counting_relu";
    const InferRule rule = def.infer;
    def.infer = [this, rule](const InferContext& c) {
      ++asked;
      return rule(c);
    };
    return def;
  }
};

TEST_CASE("a chain of 10 000 nodes compiles, in memory for two of its values") {
  Chain chain(5'000);
  const Plan plan = chain.compiled();
  CHECK(plan.steps.size() == 10'000);
  CHECK(plan.arena_bytes == 2 * 128);
}

TEST_CASE("twice the nodes take twice the shape rules") {
  Chain one(500), two(1'000);
  one.asked = two.asked = 0;
  (void)one.compiled();
  (void)two.compiled();
  CHECK(two.asked == 2 * one.asked);
}

}  // namespace
}  // namespace fcngraph
