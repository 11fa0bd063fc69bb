// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/frontier.h>
#include <fcngraph/engine/ops/add.h>
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/ops/scale.h>
#include <fcngraph/engine/ops/upsample.h>
#include <fcngraph/engine/passes.h>

#include <algorithm>
#include <map>
#include <set>

#include "available_backends.h"
#include "load_graph.h"

namespace fcngraph {
namespace {

using Names = std::vector<std::string>;

struct Compiled {
  Graph graph;
  CompilerOptions options;
  Plan whole() const { return compile(graph, options); }
  SplitPlans split() const { return compile_split(graph, options); }
};

Compiled prepared(const std::string& file, Mode mode, const Names& set = {},
                  const Backend& backend = *builtin_backends().back(), std::int64_t batch = 2) {
  static const OpTable ops;
  const auto spec = test::load_spec(file, set);
  Compiled out{test::build(spec, {.mode = mode, .batch = batch, .classes = 4}), {}};
  out.options.context.mode = mode;
  out.options.context.backend = &backend;
  out.options.context.ops = &ops;
  out.options.context.optimizer = dsl::optimizer_options(spec.train);
  return out;
}

Names cut(const Compiled& compiled) {
  Names names;
  for (const auto& kept : describe_cut(compiled.whole()).values) names.push_back(kept.name);
  std::sort(names.begin(), names.end());
  return names;
}

const Names kNoDropout = {"dense_conv.fc6.dropout=0", "dense_conv.fc7.dropout=0"};

TEST_CASE("the cut of the tiny heads: before what draws anew, and before what trains where nothing does") {
  for (const Backend* backend : testing::available_backends()) {
    CAPTURE(backend->name());
    const auto of = [&](const char* file, Mode mode, const Names& set = {}) {
      return cut(prepared(file, mode, set, *backend));
    };
    CHECK(of("tiny/fcn8s.toml", Mode::train) == Names{"block3_pool", "block4_pool", "fc6"});
    CHECK(of("tiny/fcn8s.toml", Mode::train, kNoDropout) == Names{"block3_pool", "block4_pool", "fc7"});
    CHECK(of("tiny/fcn8s.toml", Mode::eval) == Names{"block3_pool", "block4_pool", "fc7"});
    CHECK(of("tiny/fcn16s.toml", Mode::train) == Names{"block4_pool", "fc6"});
    CHECK(of("tiny/fcn32s.toml", Mode::train) == Names{"fc6"});
    CHECK(of("tiny/fcn8s.toml", Mode::infer).empty());
  }
}

TEST_CASE("what trains moves the cut, up to none at all") {
  const auto of = [](const char* trainable) {
    return cut(prepared("examples/fcn8s_resnet18.toml", Mode::train, {trainable}));
  };
  // Statistics of a batch belong to the batch, frozen ones to the sample.
  CHECK(of("model.trainable=heads") == Names{"stage2_unit_sum", "stage3_unit_sum", "stage4_unit_sum"});
  CHECK(of("model.trainable=[\"stage4_*\", \"head:*\"]") == Names{"stage2_unit_sum", "stage3_unit_sum"});
  CHECK(of("model.trainable=[\"stage3_unit_second_norm\", \"head:*\"]").size() == 3);
  CHECK(of("model.trainable=[\"stem_conv\"]").empty());
  const auto all = prepared("examples/fcn8s_resnet18.toml", Mode::train);
  CHECK(cut(all).empty());
  CHECK_FALSE(all.split().features.has_value());
  CHECK(describe_cut(all.whole()).to_text() ==
        "frontier: none, since conv2d 'stem_conv' trains, and nothing before it is worth keeping\n");
}

TEST_CASE("a plan in two has the steps and the kernels of the whole one") {
  for (const Backend* backend : testing::available_backends()) {
    for (const Mode mode : {Mode::train, Mode::eval}) {
      CAPTURE(backend->name());
      const auto compiled = prepared("tiny/fcn8s.toml", mode, {}, *backend);
      const Plan whole = compiled.whole();
      const SplitPlans split = compiled.split();
      REQUIRE(split.features.has_value());
      std::map<std::string, std::string> kernels, halves;
      for (const Step& step : whole.steps) kernels[step.name] = step.kernel;
      for (const Plan* half : {&*split.features, &split.step}) {
        for (const Step& step : half->steps) CHECK(halves.emplace(step.name, step.kernel).second);
      }
      CHECK(kernels == halves);

      std::set<std::string> made, read;
      for (const auto& [name, slot] : split.features->outputs) {
        made.insert(name);
        const auto& type = split.features->slots[static_cast<std::size_t>(slot)].type;
        CHECK(samples_lie_apart(type));
        for (const auto& [input, at] : split.step.inputs) {
          if (input == name) CHECK(split.step.slots[static_cast<std::size_t>(at)].type == type);
        }
      }
      for (const auto& [name, slot] : split.step.inputs) read.insert(name);
      CHECK(read.count("image") == 0);
      CHECK(std::includes(read.begin(), read.end(), made.begin(), made.end()));
      REQUIRE(split.features->inputs.size() == 1);
      CHECK(split.features->inputs[0].first == "image");
      CHECK(split.step.outputs.size() == whole.outputs.size());
      CHECK(split.features->arena_bytes < whole.arena_bytes + 1);
    }
  }
}

TEST_CASE("a cut that is asked for by name is made there, also to infer") {
  auto compiled = prepared("tiny/fcn8s.toml", Mode::infer);
  compiled.options.context.frontier = {"fc6", "block4_pool", "block3_pool", "no such value"};
  CHECK(cut(compiled) == Names{"block3_pool", "block4_pool", "fc6"});
  compiled.options.context.frontier = {"block4_pool"};
  CHECK(cut(compiled) == Names{"block3_pool", "block4_pool"});
}

TEST_CASE("fcn8s of the tutorial: what the plan says of its cut") {
  const auto report = describe_cut(prepared("fcn8s.toml", Mode::train, {}, *builtin_backends().back(), 1).whole());
  const auto text = report.to_text();
  CAPTURE(text);
  CHECK(report.bytes() == (256 * 28 * 28 + 512 * 14 * 14 + 4096 * 7 * 7) * 4);
  CHECK(report.macs_before + report.macs_behind == doctest::Approx(25.4e9).epsilon(0.01));
  CHECK(report.macs_behind == doctest::Approx(0.82e9).epsilon(0.02));
  CHECK(text.find("draws anew each time") != std::string::npos);
  CHECK(text.find("a factor that is measured before the first step") != std::string::npos);
}

/// A chain of convolutions that are worth keeping, and what a test puts behind them.
struct Chain {
  Graph graph{"g"};
  Diagnostics diagnostics;
  Rewriter rewriter{graph, diagnostics};
  OpTable ops;
  ValueId image = rewriter.add_input("image", {DType::f32, {1, 16, 8, 8}, {}});

  ValueId conv(const std::string& name, ValueId x, bool trainable = false) {
    const auto weight = rewriter.add_parameter(name + ".weight", {DType::f32, {16, 16, 3, 3}, {}}, {}, trainable);
    Conv2dAttrs attrs{.filters = 16, .kernel = {3, 3}};
    attrs.padding = Padding::same;
    return rewriter.add_value({name, &ops::conv2d(), attrs, {x, weight}});
  }
  ValueId unary(const std::string& name, const OpDef& op, Attrs attrs, ValueId x) {
    return rewriter.add_value({name, &op, std::move(attrs), {x}});
  }
  Names run() {
    PassContext context;
    context.mode = Mode::train;
    context.ops = &ops;
    Rewriter pass(graph, diagnostics);
    const bool changed = split_frontier(pass, context);
    CHECK(changed == pass.changed());
    verify(graph, "split_frontier");
    Names names;
    for (const ValueId id : values_at_cut(graph)) names.push_back(graph.value(id).name);
    return names;
  }
};

TEST_CASE("split_frontier draws back over scales, so that heads share what they tap") {
  Chain c;
  const auto tap = c.conv("tap", c.image);
  c.rewriter.set_output("a", c.conv("a", c.unary("a.scaled", ops::scale(), ScaleAttrs{0.5}, tap), true));
  c.rewriter.set_output("b", c.conv("b", c.unary("b.scaled", ops::scale(), ScaleAttrs{0.25}, tap), true));
  CHECK(c.run() == Names{"tap"});
}

TEST_CASE("split_frontier keeps a measured factor out, with all that hangs on it") {
  Chain c;
  const auto tap = c.conv("tap", c.image);
  const auto factor = c.rewriter.add_state("head.scale", {DType::f32, Shape{}, {}}, {});
  const auto scaled = c.rewriter.add_value({"scaled", &ops::scale(), ScaleAttrs{}, {tap, factor}});
  c.rewriter.set_output("y", c.conv("frozen_head", scaled));
  CHECK(c.run() == Names{"tap"});
}

TEST_CASE("split_frontier keeps what is small, before what makes it large for little") {
  Chain c;
  const auto small = c.conv("small", c.image);
  UpsampleAttrs attrs;
  attrs.factor = {4, 4};
  c.rewriter.set_output("y", c.conv("y", c.unary("large", ops::upsample(), attrs, small), true));
  CHECK(c.run() == Names{"small"});
}

TEST_CASE("split_frontier leaves the relu with its convolution, and a sum whole") {
  Chain c;
  const auto a = c.unary("act", ops::relu(), NoAttrs{}, c.conv("a", c.image));
  const auto b = c.conv("b", a);
  const auto sum = c.rewriter.add_value({"sum", &ops::add(), NoAttrs{}, {a, b}});
  c.rewriter.set_output("y", c.conv("y", c.unary("out", ops::relu(), NoAttrs{}, sum), true));
  CHECK(c.run() == Names{"out"});
}

TEST_CASE("split_frontier cuts nothing where the image is read behind it, or computing is cheap") {
  Chain c;
  c.rewriter.set_output("y", c.conv("y", c.conv("x", c.image), true));
  c.rewriter.set_output("z", c.conv("z", c.image, true));
  CHECK(c.run().empty());
  Chain cheap;
  cheap.rewriter.set_output("y", cheap.conv("y", cheap.unary("act", ops::relu(), NoAttrs{}, cheap.image), true));
  CHECK(cheap.run().empty());
}

}  // namespace
}  // namespace fcngraph
