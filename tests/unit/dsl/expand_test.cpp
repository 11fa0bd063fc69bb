// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "dsl_support.h"

using dsl_test::load_good;
using fcngraph::dsl::NodeSpec;

namespace {

const std::string kTop = "fcngraph = 1\n[[head]]\nname = \"h\"\nfrom = \"out\"\n";

/// "name = op(inputs) attrs" a node.
std::vector<std::string> text(const std::vector<NodeSpec>& nodes) {
  std::vector<std::string> out;
  for (const auto& node : nodes) {
    std::string line = *node.name + " = " + *node.op + "(";
    for (const auto& input : node.inputs) line += (line.back() == '(' ? "" : ", ") + *input;
    line += ")";
    for (const auto& [key, value] : node.attrs) line += " " + key + "=" + fcngraph::to_string(value);
    out.push_back(line);
    CHECK(node.block.value.empty());
    CHECK(*node.repeat == 1);
  }
  return out;
}

}  // namespace

TEST_CASE("nodes without inputs read the node before them") {
  const auto spec = load_good(kTop + R"(
[[node]]
name = "a"
op = "relu"
[[node]]
name = "b"
op = "relu"
[[node]]
name = "out"
op = "add"
inputs = ["a", "b"]
)");
  CHECK(text(spec.nodes) == std::vector<std::string>{"a = relu(image)", "b = relu(a)", "out = add(a, b)"});
}

TEST_CASE("a block is written out as often as `repeat` says, each repetition on the one before") {
  const auto spec = load_good(kTop + R"(
[block.unit]
parameters = ["filters", "size"]
[[block.unit.node]]
name = "conv"
op = "conv2d"
filters = "$filters"
kernel = ["$size", 1]
[[block.unit.node]]
name = "sum"
op = "add"
inputs = ["conv", "input"]
[[node]]
name = "u{i}"
block = "unit"
repeat = 2
filters = 8
size = 3
[[node]]
name = "out"
op = "add"
inputs = ["u1", "u2", "u1_conv"]
)");
  CHECK(text(spec.nodes) ==
        std::vector<std::string>{"u1_conv = conv2d(image) filters=8 kernel=[3, 1]", "u1_sum = add(u1_conv, image)",
                                 "u2_conv = conv2d(u1_sum) filters=8 kernel=[3, 1]", "u2_sum = add(u2_conv, u1_sum)",
                                 "out = add(u1_sum, u2_sum, u1_conv)"});
}

TEST_CASE("arguments that are names are looked up where they were given, through any number of blocks") {
  const auto spec = load_good(kTop + R"(
[block.join]
parameters = ["skip"]
[[block.join.node]]
name = "a"
op = "relu"
[[block.join.node]]
name = "sum"
op = "add"
inputs = ["a", "$skip"]
[block.outer]
parameters = ["skip"]
[[block.outer.node]]
name = "a"
op = "relu"
[[block.outer.node]]
name = "first"
block = "join"
skip = "$skip"
[[block.outer.node]]
name = "second"
block = "join"
skip = "a"
[[node]]
name = "a"
op = "relu"
[[node]]
name = "out"
block = "outer"
skip = "a"
)");
  CHECK(text(spec.nodes) == std::vector<std::string>{"a = relu(image)", "out_a = relu(a)", "out_first_a = relu(out_a)",
                                                     "out_first_sum = add(out_first_a, a)",
                                                     "out_second_a = relu(out_first_sum)",
                                                     "out_second_sum = add(out_second_a, out_a)"});
  CHECK(*spec.heads[0].from == "out_second_sum");
}

TEST_CASE("a block may be given several inputs") {
  const auto spec = load_good(kTop + R"(
[block.merge]
[[block.merge.node]]
name = "sum"
op = "add"
inputs = ["input2", "input"]
[[node]]
name = "a"
op = "relu"
[[node]]
name = "out"
block = "merge"
inputs = ["image", "a"]
)");
  CHECK(text(spec.nodes).back() == "out_sum = add(a, image)");
}

TEST_CASE("names of block instances in taps and `from` stand for their last node") {
  const auto spec = dsl_test::load_file("tiny/fcn8s.toml", {{"backbone.taps=[\"block3\",\"block4_pool\",\"block5\"]",
                                                             "head.fcn8s.from=block3", "dense_conv.fc6.from=block5"},
                                                            {}});
  CHECK(*spec.backbone.taps[0] == "block3_pool");
  CHECK(*spec.heads[2].from == "block3_pool");
  CHECK(*spec.dense_convs[0].from == "block5_pool");
}

TEST_CASE("growth has a limit") {
  // Each block is ten of the next one: 10^12 nodes, were they written out.
  std::string source = kTop;
  for (int i = 0; i < 12; ++i) {
    const auto n = std::to_string(i);
    source += "[block.b" + n + "]\n[[block.b" + n + ".node]]\nname = \"n{i}\"\nrepeat = 10\n";
    source += i == 11 ? "op = \"relu\"\n" : "block = \"b" + std::to_string(i + 1) + "\"\n";
  }
  source += "[[node]]\nname = \"out\"\nblock = \"b0\"\n";
  fcngraph::Diagnostics diagnostics;
  const auto spec = dsl_test::load(source, diagnostics);
  REQUIRE(diagnostics.error_count() == 1);
  CHECK(diagnostics.all()[0].code == "E0209");
  CHECK(spec.nodes.size() <= 100'000);
}

TEST_CASE("blocks in blocks have a limit of their own") {
  std::string source = kTop;
  for (int i = 0; i < 40; ++i) {
    const auto n = std::to_string(i);
    source += "[block.b" + n + "]\n[[block.b" + n + ".node]]\nname = \"n\"\n";
    source += i == 39 ? "op = \"relu\"\n" : "block = \"b" + std::to_string(i + 1) + "\"\n";
  }
  source += "[[node]]\nname = \"out\"\nblock = \"b0\"\n";
  fcngraph::Diagnostics diagnostics;
  (void)dsl_test::load(source, diagnostics);
  REQUIRE(diagnostics.error_count() == 1);
  CHECK(diagnostics.all()[0].code == "E0209");
}
