// SPDX-License-Identifier: Apache-2.0
// The original FCN against its published prototxt: crop offsets, sizes, what trains and at which rate.
#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/interpret.h>
#include <fcngraph/engine/ops/crop.h>
#include <fcngraph/engine/ops/optimizer.h>
#include <fcngraph/engine/ops/scale.h>
#include <fcngraph/engine/ops/weighted_sum.h>
#include <fcngraph/engine/passes.h>

#include <cstring>

#include "load_graph.h"

namespace fcngraph {
namespace {

using Offsets = std::map<std::string, std::int64_t>;

/// The offset of every crop of a graph, once its layers have said where it lies.
Offsets crop_offsets(const std::string& file, std::int64_t height, std::int64_t width) {
  Graph graph = test::build(test::load_spec(file), {.height = height, .width = width, .classes = 21});
  Diagnostics diagnostics;
  Rewriter rewriter(graph, diagnostics);
  (void)align_crops(rewriter, {});
  CHECK_FALSE(diagnostics.has_errors());
  Offsets out;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (node.op != &ops::crop()) continue;
    const auto& pads = node.attrs.as<CropAttrs>().pads;
    CHECK(pads.top == pads.left);
    out[node.name] = pads.top;
  }
  for (const auto& [name, head] : graph.outputs()) {
    CHECK(graph.value(head).type.shape[2] == height);
    CHECK(graph.value(head).type.shape[3] == width);
  }
  return out;
}

TEST_CASE("crops of the original lie where Caffe's do, whatever the size of the image") {
  for (const auto& [height, width] : {std::pair{500, 500}, {375, 500}, {281, 333}}) {
    CAPTURE(height);
    CHECK(crop_offsets("paper/fcn32s.toml", height, width) == Offsets{{"fcn32s", 19}});
    CHECK(crop_offsets("paper/fcn16s.toml", height, width) ==
          Offsets{{"fcn32s", 19}, {"fcn16s.cropped", 5}, {"fcn16s", 27}});
    const Offsets eight{{"fcn32s", 19}, {"fcn16s.cropped", 5}, {"fcn16s", 27}, {"fcn8s.cropped", 9}, {"fcn8s", 31}};
    CHECK(crop_offsets("paper/fcn8s.toml", height, width) == eight);
    CHECK(crop_offsets("paper/fcn8s_at_once.toml", height, width) == eight);
  }
}

TEST_CASE("the original trains all of VGG-16 with its biases, and no interpolation") {
  const auto spec = test::load_spec("paper/fcn8s.toml");
  const Graph graph = test::build(spec, {.mode = Mode::train, .classes = 21});
  const auto counts = test::count_parameters(graph);
  // VGG-16 with fc6 and fc7, and a score of 21 classes on 4096, 512 and 256 channels.
  CHECK(counts.trainable == 14'714'688 + (25'088 * 4096 + 4096) + (4096 * 4096 + 4096) + 21 * (4097 + 513 + 257));
  CHECK(counts.frozen == 21 * (64 * 64 + 32 * 32 + 16 * 16 + 2 * 4 * 4));
  CHECK(*stage_spec(spec, 0).train.optimizer.lr == 1e-10);
  CHECK(*stage_spec(spec, 1).train.optimizer.lr == 1e-12);
  CHECK(*stage_spec(spec, 2).train.optimizer.lr == 1e-14);
  CHECK(*stage_spec(spec, 2).train.optimizer.momentum == 0.99);
}

/// A graph of two parameters whose gradients are 3 and 5.
struct Pair {
  Graph graph{"pair"};
  Diagnostics diagnostics;
  OpTable ops;

  Pair() {
    Rewriter r(graph, diagnostics);
    const TensorType scalar{DType::f32, Shape{}, {}};
    const ValueId weight = r.add_parameter("a.weight", scalar, {}, true);
    const ValueId bias = r.add_parameter("a.bias", scalar, {}, true);
    r.set_output("loss", r.add_value({"loss", &ops::weighted_sum(), WeightedSumAttrs{{3, 5}}, {weight, bias}}));
  }
  void train(const OptimizerOptions& optimizer) {
    PassContext context;
    context.mode = Mode::train;
    context.ops = &ops;
    context.optimizer = optimizer;
    Rewriter r(graph, diagnostics);
    CHECK(differentiate(r, context));
    CHECK(insert_updates(r, context));
    INFO(render(diagnostics.all()));
    REQUIRE_FALSE(diagnostics.has_errors());
    verify(graph, "the passes");
  }
  /// After one step of rate 0.25 from 1 and 2.
  std::pair<float, float> step() const {
    const auto number = [](float value) {
      HostTensor tensor = HostTensor::zeros({DType::f32, Shape{}, {}});
      *tensor.as<float>() = value;
      return tensor;
    };
    std::map<std::string, HostTensor> bound{{"a.weight", number(1)}, {"a.bias", number(2)}, {"lr", number(0.25F)}};
    HostTensor first = HostTensor::zeros({DType::i64, Shape{}, {}});
    *first.as<std::int64_t>() = 1;
    bound.emplace("step", first);
    for (const Role role : {Role::state, Role::constant}) {
      for (const ValueId id : graph.values_with(role))
        bound.try_emplace(graph.value(id).name, HostTensor::zeros(graph.value(id).type));
    }
    const auto values = interpret(graph, bound);
    return {*values.at(updated("a.weight")).as<float>(), *values.at(updated("a.bias")).as<float>()};
  }
  const Node& update_of(const std::string& parameter) const {
    return graph.node(graph.find_node(parameter + ".update"));
  }
  std::string updated(const std::string& parameter) const { return graph.value(update_of(parameter).results[0]).name; }
};

TEST_CASE("lr_scale multiplies the rate of what it matches: the closed form of one step") {
  const auto step = [](std::vector<LrScale> scales) {
    Pair pair;
    OptimizerOptions sgd;
    sgd.kind = "sgd";
    sgd.lr_scale = std::move(scales);
    pair.train(sgd);
    return pair.step();
  };
  CHECK(step({}) == std::pair(1.0F - 0.25F * 3, 2.0F - 0.25F * 5));
  CHECK(step({{"*.bias", 2}}) == std::pair(1.0F - 0.25F * 3, 2.0F - 0.25F * 2 * 5));
  CHECK(step({{"a.*", 4}, {"*.bias", 0.5}}) == std::pair(1.0F - 1.0F * 3, 2.0F - 0.5F * 5));
  CHECK(step({{"*.bias", 0}}) == std::pair(1.0F - 0.25F * 3, 2.0F));
  CHECK(step({{"b.*", 9}}) == step({}));
}

TEST_CASE("no_decay keeps adamw's decay off what it matches") {
  Pair pair;
  OptimizerOptions adamw;
  adamw.attrs = {{"weight_decay", 0.5}};
  adamw.no_decay = {"*.bias"};
  pair.train(adamw);
  CHECK(pair.update_of("a.weight").attrs.as<AdamWAttrs>().weight_decay == 0.5);
  CHECK(pair.update_of("a.bias").attrs.as<AdamWAttrs>().weight_decay == 0);
}

}  // namespace
}  // namespace fcngraph
