// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/ops/add.h>
#include <fcngraph/engine/ops/dropout.h>
#include <fcngraph/engine/ops/region.h>
#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/text.h>

#include "../graphs/load_graph.h"
#include "null_backend.h"
#include "same_graph.h"

namespace fcngraph {
namespace {

using testing::first_difference;
using testing::NullBackend;

Graph parsed(const std::string& text, const OpTable& ops = {}) {
  Diagnostics diagnostics;
  auto graph = parse_graph(text, "test.graph", ops, diagnostics);
  INFO(text.substr(0, 4000));
  REQUIRE_MESSAGE(graph, render(diagnostics.all()));
  verify(*graph, "parsing");
  return std::move(*graph);
}

/// Reads back what is printed, and compares both ways.
void check_round_trip(const Graph& graph) {
  const std::string text = to_text(graph);
  const Graph again = parsed(text);
  CHECK(first_difference(graph, again) == "");
  CHECK(to_text(again) == text);
}

std::vector<std::string> models() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test::graphs_folder())) {
    const auto path = entry.path();
    const bool part = path.parent_path().filename() == "backbones" || path.parent_path().filename() == "data" ||
                      path.filename() == "vgg.toml";
    if (path.extension() == ".toml" && !part)
      out.push_back(std::filesystem::relative(path, test::graphs_folder()).string());
  }
  return out;
}

TEST_CASE("every graph reads back the same, before and after each pass, and compiles to the same") {
  NullBackend backend;
  backend.layouts = {{"conv2d", "blocked"}, {"max_pool2d", "blocked"}};
  backend.workspaces = {{"conv2d", 4096}};
  const OpTable ops;
  const auto files = models();
  CHECK(files.size() >= 11);
  for (const std::string& file : files) {
    const auto spec = test::load_spec(file);
    for (const Mode mode : {Mode::infer, Mode::eval, Mode::train}) {
      CAPTURE(file);
      CAPTURE(static_cast<int>(mode));
      dsl::BuildOptions build;
      build.mode = mode;
      build.batch = 2;
      build.height = *spec.height;
      build.width = *spec.width;
      build.classes = 5;
      Graph graph = test::build(spec, build);
      check_round_trip(graph);
      Graph twin = parsed(to_text(graph));

      CompilerOptions options;
      options.context = {.mode = mode, .backend = &backend, .ops = &ops};
      const auto run = [&](Graph& on) {
        options.pipeline.observer = [&](const PassReport& report, const Graph& now) {
          INFO(report.pass);
          if (&on == &graph) check_round_trip(now);
        };
        lower(on, options);
      };
      run(graph);
      run(twin);
      CHECK(first_difference(graph, twin) == "");
    }
  }
}

TEST_CASE("names may be any string") {
  Graph graph("a \"name\"");
  Diagnostics diagnostics;
  Rewriter rewriter(graph, diagnostics);
  ValueId value = rewriter.add_input("input", {DType::f32, {1, 2}, {}});
  for (const char* name : {"output", "_", "1x", "with space", "quote\"s\\", "newline\n", "\x01\x7f", "", "héad", "# no",
                           "a=b", "x:y", "graph", "phase"})
    value = rewriter.add_value({name, &ops::relu(), NoAttrs{}, {value}});
  rewriter.set_output("the output: {1}", value);
  CHECK_FALSE(diagnostics.has_errors());
  check_round_trip(graph);
}

TEST_CASE("constants keep every bit") {
  Graph graph("g");
  Diagnostics diagnostics;
  Rewriter rewriter(graph, diagnostics);
  int number = 0;
  const auto add = [&](const TensorType& type, const void* data, std::size_t size) {
    std::vector<std::byte> bytes(size);
    std::memcpy(bytes.data(), data, size);
    const std::string name = "c" + std::to_string(number++);
    rewriter.set_output(name, rewriter.add_constant(name, type, std::move(bytes)));
  };
  for (const float value : {0.1F, -0.0F, 1e-45F, 3.4028235e38F, INFINITY, std::nanf("7")})
    add({DType::f32, {}, {}}, &value, sizeof value);
  for (const double value : {0.1, 1.0 / 3, 5e-324, -1e300}) add({DType::f64, {}, {}}, &value, sizeof value);
  const std::int64_t integers[] = {INT64_MIN, -1, INT64_MAX};
  add({DType::i64, {3}, {}}, integers, sizeof integers);
  const std::uint8_t small[] = {0, 255};
  add({DType::u8, {1, 2}, {}}, small, sizeof small);
  const std::uint16_t halves[] = {0x3c00, 0x7e01};
  add({DType::f16, {2}, {}}, halves, sizeof halves);
  std::vector<float> large(1000);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = std::sqrt(static_cast<float>(i));
  add({DType::f32, {10, 100}, {}}, large.data(), large.size() * sizeof(float));
  check_round_trip(graph);
  const std::string text = to_text(graph);
  CHECK(text.find("constant c0 : f32[] = 0.1\n") != std::string::npos);
  CHECK(text.find("constant c10 : i64[3] = [-9223372036854775808, -1, 9223372036854775807]\n") != std::string::npos);
}

TEST_CASE("regions, phases, layouts, kernels, aliases and starts are part of the text") {
  Graph graph("g");
  Diagnostics diagnostics;
  Rewriter rewriter(graph, diagnostics);
  const TensorType type{DType::f32, {1, 4}, {}};
  const ValueId x = rewriter.add_input("x", type);
  const ValueId w = rewriter.add_parameter("w", type, {Initializer::Kind::he_normal, 0}, true);
  const ValueId s = rewriter.add_state("s", type, {Initializer::Kind::constant, 0.25});
  auto body = std::make_unique<Graph>("inside");
  {
    Rewriter inside(*body, diagnostics);
    const ValueId a = inside.add_input("a", type), b = inside.add_input("b", type);
    inside.add_input("unused", type);
    const ValueId sum = inside.add_value({"sum", &ops::add(), NoAttrs{}, {a, b}});
    inside.set_output("first", inside.add_value({"act", &ops::relu(), NoAttrs{}, {sum}}));
    inside.set_output("second", sum);
  }
  const NodeId region = rewriter.add(
      {"both", &ops::region(), NoAttrs{}, {x, w, s}, Phase::backward, {}, std::move(body), {"another name"}});
  REQUIRE(region.valid());
  const std::vector<ValueId> results = graph.node(region).results;
  rewriter.set_layout(results[0], {"aBcd16b", 64});
  rewriter.set_layout(results[1], {"odd tag", 0});
  rewriter.set_kernel(region, "null:one", "because \"so\"", 128);
  const NodeId act = rewriter.add({"act", &ops::relu(), NoAttrs{}, {results[1]}, Phase::update});
  const NodeId dropped = rewriter.add({"dropped", &ops::relu(), NoAttrs{}, {x}, Phase::setup});
  const NodeId later = rewriter.add({"later", &ops::relu(), NoAttrs{}, {graph.node(dropped).results[0]}});
  // An alias of a value that is itself replaced follows.
  rewriter.replace_uses(graph.node(dropped).results[0], x);
  rewriter.erase(dropped, graph.node(later).results[0]);
  rewriter.replace_uses(graph.node(later).results[0], x);
  rewriter.erase(later, graph.node(act).results[0]);
  CHECK(graph.find_value("dropped") == graph.node(act).results[0]);
  rewriter.set_output("y", graph.node(act).results[0]);
  REQUIRE_FALSE(diagnostics.has_errors());
  check_round_trip(graph);
  CHECK(to_text(graph) == R"(fcngraph 1
graph g {
  input x : f32[1, 4]
  trainable parameter w : f32[1, 4] = he_normal
  state s : f32[1, 4] = constant 0.25
  phase backward
  both, "another name" = region(x, w, s) : f32[1, 4]{aBcd16b, 64 bytes}, f32[1, 4]{"odd tag"} by "null:one" because "because \"so\"" workspace 128 body inside {
    input a : f32[1, 4]
    input b : f32[1, 4]
    input unused : f32[1, 4]
    sum = add(a, b) : f32[1, 4]
    act = relu(sum) : f32[1, 4]
    output first = act
    output second = sum
  }
  phase update
  act = relu("another name") : f32[1, 4]{"odd tag"}
  output y = act
  alias dropped = act
  alias later = act
}
)");
}

}  // namespace
}  // namespace fcngraph
