// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/engine/interpret.h>
#include <fcngraph/engine/ops/argmax.h>
#include <fcngraph/engine/ops/crop.h>
#include <fcngraph/engine/ops/cross_entropy.h>
#include <fcngraph/engine/ops/mean_loss.h>
#include <fcngraph/engine/ops/region.h>
#include <fcngraph/engine/ops/scale.h>
#include <fcngraph/engine/ops/upsample.h>
#include <fcngraph/engine/ops/weighted_sum.h>
#include <fcngraph/engine/passes.h>
#include <fcngraph/reference/backend.h>

#include "random_tensor.h"

namespace fcngraph {
namespace {

/// Runs everything but regions.
class WithoutRegions final : public Backend {
 public:
  std::string_view name() const override { return "without regions"; }
  Probe probe() const override { return {}; }
  Capability capability(const StepView& step, const KernelPolicy& policy) const override {
    return step.op == &ops::region() ? Capability::no("none") : reference_backend().capability(step, policy);
  }
  std::unique_ptr<Device> open(const DeviceOptions&) const override { return nullptr; }
};

/// The head "h" on a trainable score, cropped, with its loss.
struct Head {
  Graph graph{"g"};
  Diagnostics diagnostics;
  Rewriter r{graph, diagnostics};
  OpTable table;
  ValueId logits, loss;

  Head() {
    const ValueId score = r.add_parameter("score", {DType::f32, {2, 3, 2, 2}, {}}, {}, true);
    const ValueId up = r.add_value({"h.upsampled", &ops::upsample(), UpsampleAttrs{{4, 4}}, {score}});
    logits = r.add_value({"h", &ops::crop(), CropAttrs{{0, 0, 1, 2}}, {up}});
    const ValueId labels = r.add_input("labels", {DType::u8, {2, 7, 6}, {}});
    const ValueId sum = r.add_value({"h.loss_sum", &ops::cross_entropy(), CrossEntropyAttrs{}, {logits, labels}});
    const ValueId count = graph.node(graph.value(sum).producer).results[1];
    loss = r.add_value({"h.loss", &ops::mean_loss(), NoAttrs{}, {sum, count}});
    r.set_output("h.loss_sum", sum);
    r.set_output("h.labels", r.add_value({"h.labels", &ops::argmax(), NoAttrs{}, {logits}}));
  }
  void set_loss(ValueId value) {
    r.set_output("loss", r.add_value({"loss", &ops::weighted_sum(), WeightedSumAttrs{{0.5}}, {value}}));
  }
  bool run(bool (*pass)(Rewriter&, const PassContext&), const Backend& backend = reference_backend()) {
    PassContext context;
    context.ops = &table;
    context.backend = &backend;
    Rewriter rewriter(graph, diagnostics);
    const bool changed = pass(rewriter, context);
    diagnostics.throw_if_errors();
    CHECK(changed == rewriter.changed());
    verify(graph, "the pass");
    return changed;
  }
  std::map<std::string, HostTensor> outputs() const {
    const auto all = interpret(graph, {{"score", random_tensor({DType::f32, {2, 3, 2, 2}, {}}, 3, {-2, 2})},
                                       {"labels", HostTensor::zeros({DType::u8, {2, 7, 6}, {}})}});
    std::map<std::string, HostTensor> out;
    for (const auto& [name, id] : graph.outputs()) out.emplace(name, all.at(name));
    return out;
  }
};

TEST_CASE("fuse_regions makes one step of a head's loss and its gradient, which means the same") {
  for (const bool training : {false, true}) {
    CAPTURE(training);
    Head h;
    h.set_loss(h.loss);
    if (training) CHECK(h.run(differentiate));
    const auto before = h.outputs();
    CHECK(h.run(fuse_regions));
    CHECK_FALSE(h.run(fuse_regions));
    // The region, the joint loss, and in training the gradient of the joint loss.
    CHECK(h.graph.order().size() == (training ? 3 : 2));
    const Node& region = h.graph.node(h.graph.find_node("h.loss"));
    REQUIRE(region.op == &ops::region());
    CHECK(region.body->order().size() == (training ? 9 : 5));
    CHECK(h.graph.find_value("h.loss") == region.results[0]);
    for (const char* name : {"h.loss_sum", "h.labels"})
      CHECK(h.graph.value(h.graph.find_value(name)).producer == h.graph.find_node("h.loss"));
    CHECK_FALSE(h.graph.find_value("h").valid());
    const auto after = h.outputs();
    REQUIRE(after.size() == before.size());
    for (const auto& [name, tensor] : before) CHECK_MESSAGE(after.at(name).data == tensor.data, name);
  }
}

TEST_CASE("fuse_regions keeps logits that are an output, or that somebody else reads") {
  Head output;
  output.set_loss(output.loss);
  output.r.set_output("h", output.logits);
  CHECK(output.run(differentiate));
  CHECK_FALSE(output.run(fuse_regions));
  Head read;
  read.set_loss(read.loss);
  read.r.set_output("other", read.r.add_value({"other", &ops::scale(), ScaleAttrs{2}, {read.logits}}));
  CHECK_FALSE(read.run(fuse_regions));
}

TEST_CASE("fuse_regions keeps what the backend refuses") {
  Head h;
  h.set_loss(h.loss);
  CHECK(h.run(differentiate));
  CHECK_FALSE(h.run(fuse_regions, WithoutRegions()));
}

TEST_CASE("fuse_regions keeps a loss whose gradient hangs on the loss") {
  // loss * stop_gradient(loss): the gradient of the loss is the loss, so that no single step can read it and make it.
  Head h;
  h.set_loss(h.r.add_value({"squared", &ops::scale(), ScaleAttrs{}, {h.loss, h.loss}}));
  CHECK(h.run(differentiate));
  CHECK_FALSE(h.run(fuse_regions));
}

}  // namespace
}  // namespace fcngraph
