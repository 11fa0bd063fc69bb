// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "dsl_support.h"

using dsl_test::load_file;
using fcngraph::Diagnostics;
using fcngraph::dsl::TrainableSpec;

namespace {

fcngraph::dsl::LoadOptions set(std::vector<std::string> values) {
  fcngraph::dsl::LoadOptions options;
  options.set = std::move(values);
  return options;
}

std::vector<fcngraph::Diagnostic> mistakes(const std::string& value) {
  Diagnostics diagnostics;
  (void)fcngraph::dsl::load_model(dsl_test::graphs() / "tiny/fcn8s.toml", set({value}), diagnostics);
  return diagnostics.all();
}

}  // namespace

TEST_CASE("--set reaches every part of a model through the typed reader") {
  const auto spec =
      load_file("tiny/fcn8s.toml",
                set({"model.trainable=all", "model.input.height=96", "train.optimizer.lr=1e-2", "data.images=8",
                     "data.classes=5", "dense_conv.fc6.dropout=0", "head.fcn16s.loss_weight=0", "model.name=other",
                     "train.seed = 3", "compile.deterministic=false", "backbone.node.block1.filters=6"}));
  CHECK(spec.trainable.kind == TrainableSpec::Kind::all);
  CHECK(*spec.height == 96);
  CHECK(*spec.width == 64);
  CHECK(*spec.train.optimizer.lr == 1e-2);
  CHECK(*spec.train.optimizer.weight_decay == 1e-4);
  CHECK(spec.data.images == 8);
  CHECK(spec.data.num_classes == 5);
  CHECK(*spec.dense_convs[0].dropout == 0.0);
  CHECK(*spec.dense_convs[1].dropout == 0.5);
  CHECK(*spec.heads[1].loss_weight == 0.0);
  CHECK(*spec.name == "other");
  CHECK(*spec.train.seed == 3);
  CHECK_FALSE(*spec.compile.deterministic);
  CHECK(std::get<std::int64_t>(spec.backbone.nodes[0].attrs.at("filters")) == 6);
}

TEST_CASE("--set takes lists, tables and quoted strings, and the last one wins") {
  const auto spec = load_file(
      "tiny/fcn8s.toml", set({"model.trainable=[\"a*\", \"b*\"]", "data.classes=[\"x\",\"y\"]", "model.name=\"quoted\"",
                              "model.input={ height = 32, width = 32 }", "train.epochs=4", "train.epochs=5"}));
  REQUIRE(spec.trainable.globs.size() == 2);
  CHECK(*spec.trainable.globs[1] == "b*");
  CHECK(spec.data.classes == std::vector<std::string>{"x", "y"});
  CHECK(spec.data.num_classes == 2);
  CHECK(*spec.name == "quoted");
  CHECK(*spec.height == 32);
  CHECK(*spec.train.epochs == 5);
}

TEST_CASE("--set replaces the file that is used") {
  const auto path = (dsl_test::graphs() / "backbones/vgg16.toml").string();
  const auto spec = load_file("fcn8s.toml", set({"backbone.use=" + path}));
  CHECK(spec.backbone.nodes.size() == 13 + 5);
}

TEST_CASE("a wrong --set points at the part that is wrong") {
  auto found = mistakes("head.fcn61s.upsample=3");
  REQUIRE(found.size() == 1);
  CHECK(fcngraph::render(found[0]) ==
        "--set head.fcn61s.upsample=3:1:12: error[E0110]: there is no head 'fcn61s'\n"
        "   1 | --set head.fcn61s.upsample=3\n"
        "     |            ^^^^^^ did you mean 'fcn16s'?\n"
        "   head names: fcn32s, fcn16s, fcn8s");
  found = mistakes("train.epochs=many");
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == "E0106");
  CHECK(found[0].span.column == 20);
  CHECK(found[0].span.length == 4);
  found = mistakes("model.inptu.height=3");
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == "E0105");
  CHECK(found[0].suggestion == "did you mean 'input'?");
  // A line break cannot smuggle a second key in.
  found = mistakes("train.epochs=1\nbatch=3");
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == "E0106");
  for (const std::string bad :
       {"", "=", "=3", ".=3", "a", "head.fcn8s=3", "head=3", "model.name.x=1", "train.epochs.x=1"}) {
    CAPTURE(bad);
    CHECK_FALSE(mistakes(bad).empty());
  }
}
