// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/engine/interpret.h>
#include <fcngraph/engine/ops/add.h>
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/pool2d.h>
#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/passes.h>
#include <fcngraph/engine/text.h>

#include "available_backends.h"
#include "random_tensor.h"

namespace fcngraph {
namespace {

/// A graph under construction: conv2d nodes on an image of 1x3x8x8, each followed by what a test adds.
struct Builder {
  Graph graph{"g"};
  Diagnostics diagnostics;
  Rewriter rewriter{graph, diagnostics};
  OpTable ops;
  ValueId image = rewriter.add_input("image", {DType::f32, {1, 3, 8, 8}, {}});

  ValueId conv(const std::string& name, bool trainable = false) {
    const auto weight = rewriter.add_parameter(name + ".weight", {DType::f32, {3, 3, 1, 1}, {}}, {}, trainable);
    return rewriter.add_value({name, &ops::conv2d(), Conv2dAttrs{.filters = 3}, {image, weight}});
  }
  ValueId relu(const std::string& name, ValueId x) { return rewriter.add_value({name, &ops::relu(), NoAttrs{}, {x}}); }
  ValueId add(const std::string& name, ValueId a, ValueId b) {
    return rewriter.add_value({name, &ops::add(), NoAttrs{}, {a, b}});
  }
  ValueId pool(const std::string& name, ValueId x, MaxPool2dAttrs attrs = {}) {
    return rewriter.add_value({name, &ops::max_pool2d(), attrs, {x}});
  }
  HostTensor output() const {
    std::map<std::string, HostTensor> bound;
    for (const Role role : {Role::input, Role::parameter}) {
      for (const ValueId id : graph.values_with(role))
        bound.emplace(graph.value(id).name, random_tensor(graph.value(id).type, static_cast<std::uint64_t>(id.index)));
    }
    return interpret(graph, bound).at("y");
  }
  bool run(bool (*pass)(Rewriter&, const PassContext&), Mode mode = Mode::infer) {
    PassContext context;
    context.mode = mode;
    context.ops = &ops;
    context.backend = builtin_backends().back();
    Rewriter pass_rewriter(graph, diagnostics);
    const bool changed = pass(pass_rewriter, context);
    CHECK(changed == pass_rewriter.changed());
    verify(graph, "the pass");
    return changed;
  }
  Epilogue epilogue(const std::string& node) const {
    return graph.node(graph.find_node(node)).attrs.as<Conv2dAttrs>().epilogue;
  }
};

TEST_CASE("fuse_epilogues folds a relu into the convolution before it, under the relu's name") {
  Builder b;
  b.rewriter.set_output("y", b.relu("act", b.conv("c")));
  CHECK(b.run(fuse_epilogues));
  REQUIRE(b.graph.order().size() == 1);
  CHECK(b.epilogue("act") == Epilogue::relu);
  CHECK(b.graph.find_value("c") == b.graph.find_value("act"));
  CHECK_FALSE(b.run(fuse_epilogues));
}

TEST_CASE("fuse_epilogues folds an addition and the relu after it") {
  Builder b;
  const ValueId other = b.relu("other", b.image);
  b.rewriter.set_output("y", b.relu("act", b.add("sum", b.conv("c"), other)));
  CHECK(b.run(fuse_epilogues));
  CHECK(b.epilogue("act") == Epilogue::add_relu);
}

TEST_CASE("fuse_epilogues keeps the relu when the convolution has two users") {
  Builder b;
  const ValueId c = b.conv("c");
  b.rewriter.set_output("y", b.relu("act", c));
  b.rewriter.set_output("z", b.relu("other", c));
  CHECK_FALSE(b.run(fuse_epilogues));
}

TEST_CASE("fuse_epilogues keeps the relu when the convolution is an output") {
  Builder b;
  const ValueId c = b.conv("c");
  b.rewriter.set_output("y", b.relu("act", c));
  b.rewriter.set_output("c", c);
  CHECK_FALSE(b.run(fuse_epilogues));
}

TEST_CASE("fuse_epilogues keeps the sum of a convolution with itself") {
  Builder b;
  const ValueId c = b.conv("c");
  b.rewriter.set_output("y", b.add("sum", c, c));
  CHECK_FALSE(b.run(fuse_epilogues));
}

TEST_CASE("fuse_epilogues folds a 2x2 max pooling after a relu, which means the same") {
  Builder b;
  b.rewriter.set_output("y", b.pool("p", b.relu("act", b.conv("c"))));
  const HostTensor before = b.output();
  CHECK(b.run(fuse_epilogues));
  REQUIRE(b.graph.order().size() == 1);
  CHECK(b.epilogue("p") == Epilogue::relu_max_pool);
  CHECK(b.output().data == before.data);
  CHECK_FALSE(b.run(fuse_epilogues));
}

TEST_CASE("fuse_epilogues keeps a pooling that is another, whose places are read, or that follows no relu") {
  const auto keeps = [](MaxPool2dAttrs attrs) {
    Builder b;
    b.rewriter.set_output("y", b.pool("p", b.relu("act", b.conv("c")), attrs));
    b.run(fuse_epilogues);
    return b.graph.order().size() == 2 && b.epilogue("act") == Epilogue::relu;
  };
  CHECK(keeps({.kernel = {3, 3}}));
  CHECK(keeps({.kernel = {2, 2}, .stride = {1, 1}}));
  CHECK(keeps({.padding = Padding::explicit_pads, .pads = {1, 1, 1, 1}}));
  CHECK_FALSE(keeps({.padding = Padding::same}));
  Builder places;
  const ValueId pooled = places.pool("p", places.relu("act", places.conv("c")));
  places.rewriter.set_output("y", pooled);
  places.rewriter.set_output("places", places.graph.node(places.graph.value(pooled).producer).results[1]);
  places.run(fuse_epilogues);
  CHECK(places.graph.order().size() == 2);
  Builder linear;
  linear.rewriter.set_output("y", linear.pool("p", linear.conv("c")));
  CHECK_FALSE(linear.run(fuse_epilogues));
}

TEST_CASE("a pooling is folded only where the backend says so") {
  for (const Backend* backend : testing::available_backends()) {
    Builder b;
    b.rewriter.set_output("y", b.pool("p", b.relu("act", b.conv("c"))));
    PassContext context;
    context.backend = backend;
    CHECK(fuse_epilogues(b.rewriter, context));
    CHECK(b.graph.order().size() == (backend->name() == "onednn" ? 2 : 1));
  }
}

TEST_CASE("merge_duplicates keeps one of equal nodes, and both of nodes that differ") {
  Builder b;
  b.rewriter.set_output("y", b.relu("first", b.image));
  b.rewriter.set_output("z", b.relu("second", b.image));
  b.rewriter.set_output("c", b.conv("c1"));
  b.rewriter.set_output("d", b.conv("c2"));
  CHECK(b.run(merge_duplicates));
  CHECK(b.graph.order().size() == 3);
  CHECK(b.graph.find_value("second") == b.graph.find_value("first"));
  CHECK_FALSE(b.run(merge_duplicates));
}

TEST_CASE("eliminate_dead removes what no output needs, and nothing else") {
  Builder b;
  b.relu("unused", b.conv("c"));
  b.rewriter.set_output("y", b.relu("used", b.image));
  CHECK(b.run(eliminate_dead));
  CHECK(b.graph.order().size() == 1);
  CHECK_FALSE(b.run(eliminate_dead));
}

TEST_CASE("differentiate asks for a loss, and for something that trains") {
  Builder b;
  b.rewriter.set_output("y", b.conv("c"));
  CHECK_FALSE(b.run(differentiate, Mode::train));
  CHECK(b.diagnostics.all().back().message.find("no scalar 'loss'") != std::string::npos);
}

TEST_CASE("split_setup marks only what hangs on nothing that changes") {
  Builder b;
  const auto weight = b.rewriter.add_parameter("w", {DType::f32, {1, 3, 8, 8}, {}}, {}, false);
  b.rewriter.set_output("y", b.add("sum", b.relu("of_weight", weight), b.relu("of_image", b.image)));
  CHECK(b.run(split_setup));
  CHECK(b.graph.node(b.graph.find_node("of_weight")).phase == Phase::setup);
  CHECK(b.graph.node(b.graph.find_node("of_image")).phase == Phase::forward);
  CHECK(b.graph.node(b.graph.find_node("sum")).phase == Phase::forward);
}

TEST_CASE("globs match names") {
  CHECK(glob_match("block5_*", "block5_conv1"));
  CHECK(glob_match("*.weight", "fc6.weight"));
  CHECK(glob_match("fc?", "fc6"));
  CHECK_FALSE(glob_match("fc?", "fc16"));
  CHECK_FALSE(glob_match("block5_*", "block4_conv1"));
  CHECK(glob_match("*a*b*c", "xxaxxbxxbc"));
  CHECK_FALSE(glob_match(std::string(40, '*') + "b", std::string(5000, 'a')));
}

}  // namespace
}  // namespace fcngraph
