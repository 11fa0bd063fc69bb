// SPDX-License-Identifier: Apache-2.0
// [[stage]]: what it takes from [train], and the model that it trains.
#include <fcngraph/dsl/build.h>

#include "dsl_support.h"

namespace dsl_test {
namespace {

using fcngraph::dsl::ModelSpec;
using fcngraph::dsl::TrainableSpec;

const std::string kModel = R"(
fcngraph = 1
[model]
trainable = ["head:*"]
[backbone]
use = "tiny/vgg.toml"
taps = ["block3_pool", "block4_pool", "block5_pool"]
[[head]]
name = "fcn32s"
from = "block5_pool"
upsample = 32
[[head]]
name = "fcn16s"
from = "block4_pool"
fuse = "fcn32s"
upsample = 16
[[head]]
name = "fcn8s"
from = "block3_pool"
fuse = "fcn16s"
upsample = 8
[data]
use = "data/synthetic.toml"
)";

const std::string kStaged = kModel + R"(
[train]
loss = { kind = "cross_entropy", class_weights = [1, 2, 3, 4] }
optimizer = { kind = "sgd", lr = 0.5, momentum = 0.9 }
lr_scale = [{ match = "*.bias", value = 2 }]
epochs = 7
batch = 4
seed = 5
[[stage]]
name = "one"
heads = ["fcn32s"]
[[stage]]
name = "two"
heads = ["fcn16s"]
trainable = "all"
epochs = 3
optimizer = { lr = 0.25 }
[[stage]]
name = "three"
init_from = "one"
trainable = ["block5_*"]
optimizer = { kind = "adam", beta1 = 0.5 }
l2 = [{ match = "*.weight", value = 0.5 }, { match = "head*", value = 1 }]
batch = 2
)";

std::vector<std::string> names_of(const std::vector<fcngraph::dsl::HeadSpec>& heads) {
  std::vector<std::string> names;
  for (const auto& head : heads) names.push_back(*head.name);
  return names;
}

TEST_CASE("a stage has the keys of [train] underneath its own") {
  const auto spec = load_good(kStaged);
  REQUIRE(spec.stages.size() == 3);
  const auto& [one, two, three] = std::tie(spec.stages[0], spec.stages[1], spec.stages[2]);
  CHECK(*one.name == "one");
  CHECK(*one.train.epochs == 7);
  CHECK(*one.train.optimizer.lr == 0.5);
  CHECK(one.train.loss.class_weights.size() == 4);
  CHECK(*one.init_from == "last");
  CHECK_FALSE(one.trainable);
  // A table is merged key by key ...
  CHECK(*two.train.epochs == 3);
  CHECK(*two.train.optimizer.kind == "sgd");
  CHECK(*two.train.optimizer.lr == 0.25);
  CHECK(*two.train.optimizer.momentum == 0.9);
  CHECK(two.trainable.value().kind == TrainableSpec::Kind::all);
  // ... but replaced whole where it is of another kind.
  CHECK(*three.train.optimizer.kind == "adam");
  CHECK(*three.train.optimizer.lr == 1e-3);
  CHECK(*three.train.optimizer.beta1 == 0.5);
  CHECK(*three.train.batch == 2);
  CHECK(*three.init_from == "one");
  CHECK(three.heads.empty());
  CHECK(three.train.lr_scale.size() == 1);
}

TEST_CASE("the model of a stage has its heads, its trainable and its [train]") {
  const auto spec = load_good(kStaged);
  using Names = std::vector<std::string>;
  const auto one = stage_spec(spec, 0), two = stage_spec(spec, 1), three = stage_spec(spec, 2);
  CHECK(names_of(one.heads) == Names{"fcn32s"});
  CHECK(names_of(two.heads) == Names{"fcn16s"});
  CHECK(names_of(two.other_heads) == Names{"fcn32s", "fcn8s"});
  CHECK(names_of(three.heads) == Names{"fcn32s", "fcn16s", "fcn8s"});
  CHECK(one.trainable.kind == TrainableSpec::Kind::globs);
  CHECK(*one.trainable.globs.at(0) == "head:*");
  CHECK(*three.trainable.globs.at(0) == "block5_*");
  CHECK(*two.train.seed == 5);
  CHECK(two.stages.empty());
  // What is fused is computed, and has no loss.
  fcngraph::Diagnostics diagnostics;
  fcngraph::dsl::BuildOptions options;
  options.mode = fcngraph::Mode::train;
  options.classes = 4;
  const auto graph = build_graph(two, options, fcngraph::OpTable(), diagnostics);
  CHECK(diagnostics.all().empty());
  CHECK(graph.find_value("fcn32s.score").valid());
  CHECK_FALSE(graph.find_value("fcn32s.loss").valid());
  CHECK(graph.find_value("fcn16s.loss").valid());
  CHECK_FALSE(graph.find_value("fcn8s.score").valid());
}

TEST_CASE("--set reaches a stage by its name") {
  const auto spec = load_good(kStaged, {.set = {"stage.two.epochs=1", "stage.two.optimizer.lr=2", "train.epochs=9"}});
  CHECK(*spec.stages[1].train.epochs == 1);
  CHECK(*spec.stages[1].train.optimizer.lr == 2);
  CHECK(*spec.stages[0].train.epochs == 9);
  fcngraph::Diagnostics diagnostics;
  load(kStaged, diagnostics, {.set = {"stage.tow.epochs=1"}});
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(diagnostics.all()[0].code == "E0110");
  CHECK(diagnostics.all()[0].suggestion.find("two") != std::string::npos);
}

TEST_CASE("a staged model reads back from what it resolves to") {
  const auto spec = load_good(kStaged);
  const auto again = load_good(spec.resolved);
  CHECK(again.resolved == spec.resolved);
  CHECK(again.stages.size() == 3);
  CHECK(*again.stages[1].train.optimizer.lr == 0.25);
  REQUIRE(again.stages[2].train.l2.size() == 2);
  CHECK(*again.stages[2].train.l2[1].match == "head*");
}

TEST_CASE("a mistake in [train] is reported once, however many stages there are") {
  fcngraph::Diagnostics diagnostics;
  auto text = kStaged;
  text.replace(text.find("momentum = 0.9"), 14, "momentun = 0.9");
  load(text, diagnostics);
  CHECK(diagnostics.error_count() == 1);
}

TEST_CASE("a stage that trains nothing is told so, at its own key or at its name") {
  const auto findings = [](const std::string& stage) {
    fcngraph::Diagnostics diagnostics;
    const auto spec = load(kModel + stage, diagnostics);
    REQUIRE_FALSE(diagnostics.has_errors());
    check_stage(spec, 0, 4, fcngraph::OpTable(), diagnostics);
    return diagnostics.all();
  };
  CHECK(findings("[[stage]]\nname = \"s\"\nheads = [\"fcn16s\"]\ntrainable = [\"head:fcn32s\"]\n").empty());
  const auto own = findings("[[stage]]\nname = \"s\"\nheads = [\"fcn16s\"]\ntrainable = [\"head:fcn8s\"]\n");
  REQUIRE(own.size() >= 1);
  CHECK(own.back().code == "E0302");
  CHECK(own.back().message.find("stage 's' trains nothing") != std::string::npos);
}

TEST_CASE("upsample is a factor, or a table") {
  const auto with = [](const std::string& upsample) {
    auto text = kModel;
    const std::string of_last = "upsample = 8";
    return text.replace(text.find(of_last), of_last.size(), "upsample = " + upsample);
  };
  const auto spec = load_good(with("{ factor = 8, kind = \"conv2d_transpose\", trainable = false }"));
  const auto& head = spec.heads.back();
  CHECK(*head.upsample == 8);
  CHECK(*head.upsample_kind == "conv2d_transpose");
  REQUIRE(head.upsample_trainable);
  CHECK_FALSE(**head.upsample_trainable);
  for (const char* wrong : {"{ factor = 8, trainable = false }", "{ kind = \"nearest\" }", "{ factor = 0 }", "\"x\""}) {
    CAPTURE(wrong);
    fcngraph::Diagnostics diagnostics;
    load(with(wrong), diagnostics);
    CHECK(diagnostics.error_count() == 1);
  }
}

}  // namespace
}  // namespace dsl_test
