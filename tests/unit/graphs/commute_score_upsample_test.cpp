// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/engine/interpret.h>
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/ops/scale.h>
#include <fcngraph/engine/ops/upsample.h>
#include <fcngraph/engine/passes.h>

#include "random_tensor.h"

namespace fcngraph {
namespace {

struct Builder {
  Graph graph{"g"};
  Diagnostics diagnostics;
  Rewriter r{graph, diagnostics};
  std::int64_t channels;
  ValueId image;

  explicit Builder(std::int64_t of_image = 6)
      : channels(of_image), image(r.add_input("image", {DType::f32, {2, of_image, 3, 4}, {}})) {}

  ValueId up(ValueId x, Interpolation kind = Interpolation::bilinear) {
    return r.add_value({"up", &ops::upsample(), UpsampleAttrs{{2, 3}, kind}, {x}});
  }
  ValueId score(ValueId x, Conv2dAttrs attrs = {.filters = 2}) {
    const ValueId weight =
        r.add_input("weight", {DType::f32, {attrs.filters, channels, attrs.kernel.h, attrs.kernel.w}, {}});
    const ValueId bias = r.add_input("bias", {DType::f32, Shape{attrs.filters}, {}});
    return r.add_value({"score", &ops::conv2d(), attrs, {x, weight, bias}});
  }
  bool run(bool exact = false) {
    PassContext context;
    context.policy.exact = exact;
    Rewriter rewriter(graph, diagnostics);
    const bool changed = commute_score_upsample(rewriter, context);
    CHECK(changed == rewriter.changed());
    verify(graph, "the pass");
    return changed;
  }
  HostTensor output() const {
    std::map<std::string, HostTensor> bound;
    for (const ValueId id : graph.values_with(Role::input))
      bound.emplace(graph.value(id).name, random_tensor(graph.value(id).type, 1, {-1, 1}));
    return interpret(graph, bound).at("y");
  }
};

void check_close(const HostTensor& got, const HostTensor& want) {
  REQUIRE(got.type.shape == want.type.shape);
  for (std::int64_t i = 0; i < want.type.shape.elements(); ++i)
    CHECK(got.as<float>()[i] == doctest::Approx(want.as<float>()[i]).epsilon(1e-5));
}

TEST_CASE("commute_score_upsample scores first and upsamples the scores, under their name") {
  for (const Interpolation kind : {Interpolation::bilinear, Interpolation::nearest}) {
    Builder b;
    b.r.set_output("y", b.score(b.up(b.image, kind)));
    const HostTensor before = b.output();
    CHECK(b.run());
    CHECK_FALSE(b.run());
    REQUIRE(b.graph.order().size() == 2);
    const Node& conv = b.graph.node(b.graph.order().front());
    CHECK(conv.op == &ops::conv2d());
    CHECK(b.graph.value(conv.results[0]).type.shape == Shape{2, 2, 3, 4});
    CHECK(b.graph.node(*std::next(b.graph.order().begin())).name == "score");
    CHECK(b.graph.node(*std::next(b.graph.order().begin())).op == &ops::upsample());
    check_close(b.output(), before);
  }
}

TEST_CASE("commute_score_upsample takes scales along") {
  Builder b;
  const ValueId factor = b.r.add_input("factor", {DType::f32, Shape{}, {}});
  const ValueId scaled = b.r.add_value({"scaled", &ops::scale(), ScaleAttrs{}, {b.up(b.image), factor}});
  b.r.set_output("y", b.score(b.r.add_value({"again", &ops::scale(), ScaleAttrs{3}, {scaled}})));
  const HostTensor before = b.output();
  CHECK(b.run());
  CHECK(b.graph.value(b.graph.find_value("scaled")).type.shape == Shape{2, 6, 3, 4});
  check_close(b.output(), before);
}

TEST_CASE("commute_score_upsample keeps the order where they do not commute") {
  const auto keeps = [](auto&& build) {
    Builder b;
    b.r.set_output("y", build(b));
    CHECK_FALSE(b.run());
  };
  keeps([](Builder& b) { return b.score(b.r.add_value({"act", &ops::relu(), NoAttrs{}, {b.up(b.image)}})); });
  keeps([](Builder& b) { return b.score(b.up(b.image), {.filters = 2, .kernel = {3, 3}}); });
  keeps([](Builder& b) { return b.score(b.up(b.image), {.filters = 2, .stride = {2, 2}}); });
  keeps([](Builder& b) {
    return b.score(b.up(b.image), {.filters = 2, .padding = Padding::explicit_pads, .pads = {1, 1, 1, 1}});
  });
}

TEST_CASE("commute_score_upsample keeps a feature that is upsampled for others too") {
  Builder fetched;
  const ValueId up = fetched.up(fetched.image);
  fetched.r.set_output("up", up);
  fetched.r.set_output("y", fetched.score(up));
  CHECK_FALSE(fetched.run());
  Builder read;
  const ValueId feature = read.up(read.image);
  read.r.set_output("other", read.r.add_value({"act", &ops::relu(), NoAttrs{}, {feature}}));
  read.r.set_output("y", read.score(feature));
  CHECK_FALSE(read.run());
}

TEST_CASE("commute_score_upsample keeps the order where it saves nothing, or must be exact") {
  // One channel becomes 40: their upsampling costs more than the convolution saves.
  Builder wide(1);
  wide.r.set_output("y", wide.score(wide.up(wide.image), {.filters = 40}));
  CHECK_FALSE(wide.run());
  Builder exact;
  exact.r.set_output("y", exact.score(exact.up(exact.image)));
  CHECK_FALSE(exact.run(true));
}

}  // namespace
}  // namespace fcngraph
