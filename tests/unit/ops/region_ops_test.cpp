// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/region.h>

#include <doctest/doctest.h>

#include <fcngraph/engine/interpret.h>
#include <fcngraph/engine/ops/add.h>
#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/ops/scale.h>
#include <fcngraph/engine/rewriter.h>

#include "run_op.h"

namespace fcngraph {
namespace {

using test::tensor;
using test::values;

const TensorType kRow{DType::f32, {3}, {}};

NodeInit node(std::string name, const OpDef& op, Attrs attrs, std::vector<ValueId> operands) {
  return {std::move(name), &op, std::move(attrs), std::move(operands), Phase::forward, {}, nullptr};
}

/// (a, b) -> relu(a + b), 2 * (a + b), b
std::unique_ptr<Graph> body() {
  auto graph = std::make_unique<Graph>("body");
  Diagnostics diagnostics;
  Rewriter rewriter(*graph, diagnostics);
  const ValueId a = rewriter.add_input("a", kRow), b = rewriter.add_input("b", kRow);
  const ValueId sum = rewriter.add_value(node("sum", ops::add(), NoAttrs{}, {a, b}));
  rewriter.set_output("positive", rewriter.add_value(node("relu", ops::relu(), NoAttrs{}, {sum})));
  rewriter.set_output("double", rewriter.add_value(node("twice", ops::scale(), ScaleAttrs{2}, {sum})));
  // An output may bear the name of another value of the body.
  rewriter.set_output("a", b);
  diagnostics.throw_if_errors();
  return graph;
}

TEST_CASE("a region means its body") {
  Graph graph;
  Diagnostics diagnostics;
  Rewriter rewriter(graph, diagnostics);
  const ValueId x = rewriter.add_input("x", kRow), y = rewriter.add_input("y", kRow);
  NodeInit init = node("group", ops::region(), NoAttrs{}, {x, y});
  init.body = body();
  const NodeId id = rewriter.add(std::move(init));
  diagnostics.throw_if_errors();
  REQUIRE_EQ(graph.node(id).results.size(), 3);
  const auto out = interpret(graph, {{"x", tensor<float>({3}, {1, -5, 2})}, {"y", tensor<float>({3}, {3, 4, -2})}});
  const auto result = [&](std::size_t r) { return values<float>(out.at(graph.value(graph.node(id).results[r]).name)); };
  CHECK_EQ(result(0), std::vector<float>{4, 0, 0});
  CHECK_EQ(result(1), std::vector<float>{8, -2, 0});
  CHECK_EQ(result(2), std::vector<float>{3, 4, -2});
}

TEST_CASE("a region refuses operands that its body does not take") {
  const auto mistake = [](std::vector<TensorType> types, std::unique_ptr<Graph> graph_body) {
    Graph graph;
    Diagnostics diagnostics;
    Rewriter rewriter(graph, diagnostics);
    std::vector<ValueId> operands;
    for (const TensorType& type : types) operands.push_back(rewriter.add_input(rewriter.unique_name("x"), type));
    NodeInit init = node("group", ops::region(), NoAttrs{}, std::move(operands));
    init.body = std::move(graph_body);
    CHECK_FALSE(rewriter.add(std::move(init)).valid());
    REQUIRE_EQ(diagnostics.all().size(), 1);
    return diagnostics.all()[0].message;
  };
  CHECK_EQ(mistake({kRow}, body()), "node 'group': expected 2 operands, one for each input of the body, got 1");
  CHECK_EQ(mistake({kRow, {DType::f32, {4}, {}}}, body()), "node 'group': expected operand 1 to be f32[3], got f32[4]");
  CHECK_EQ(mistake({kRow, kRow}, nullptr), "node 'group': a region has no body");
  auto mute = body();
  Diagnostics diagnostics;
  Rewriter(*mute, diagnostics).clear_outputs();
  CHECK_EQ(mistake({kRow, kRow}, std::move(mute)), "node 'group': the body of a region has no output");
  auto learned = body();
  Rewriter(*learned, diagnostics).add_parameter("weight", kRow, {}, true);
  CHECK_EQ(mistake({kRow, kRow}, std::move(learned)),
           "node 'group': the body of a region is expected to have no parameters and no states");
}

}  // namespace
}  // namespace fcngraph
