// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/engine/error.h>

#include "run_fixture.h"
#include "temporary_folder.h"

namespace fcngraph::testing {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a tiny network of which everything trains learns its few pictures by heart") {
  const Folder folder("overfit");
  const auto model =
      tiny({"model.trainable=all", "model.input.preprocess=tf", "train.epochs=200", "train.optimizer.lr=0.01",
            "train.batch=6", "dense_conv.fc6.dropout=0", "dense_conv.fc7.dropout=0", "backbone.trainable=true",
            "dense_conv.fc6.trainable=true", "dense_conv.fc7.trainable=true"});
  const auto result = Trainer(model, quietly(folder.path / "run")).run();
  REQUIRE(result.history.size() == 200);
  const auto& first = result.history.front().heads.back().second;
  const auto& last = result.history.back().heads.back().second;
  CHECK(last.loss < 0.5 * first.loss);
  CHECK(last.mean_iou > first.mean_iou);
  CHECK(last.accuracy > 0.9);
}

TEST_CASE("a run's folder holds what it promises, and evaluation of it gives the run's own scores") {
  const Folder folder("folder");
  const auto run = folder.path / "run";
  const auto model = tiny({"train.epochs=2"});
  const auto result = Trainer(model, quietly(run)).run();
  for (const char* name : {"graph.toml", "manifest.json", "history.csv", "history.jsonl",
                           "checkpoints/last.safetensors", "checkpoints/best.safetensors"}) {
    CAPTURE(name);
    CHECK(fs::exists(run / name));
  }
  CHECK_FALSE(fs::exists(run / "checkpoints/frozen.safetensors"));
  CHECK(std::distance(fs::directory_iterator(run / "overlays"), fs::directory_iterator()) == 2 * 3);
  CHECK(result.baseline_mean_iou.has_value());

  const auto again = Model::load(run / "graph.toml");
  CHECK(again.resolved() == model.resolved());
  EvalOptions options;
  options.backend = "reference";
  options.threads = 1;
  const auto report = evaluate(again, last_of(run), options);
  REQUIRE(report.heads.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(report.heads[i].confusion.counts() == result.validation.heads[i].confusion.counts());
    CHECK(report.heads[i].loss == result.validation.heads[i].loss);
  }
  CHECK_THROWS_AS(Trainer(model, quietly(run)).run(), IoError);
}

TEST_CASE("the same seed gives the same bits, another one others") {
  const Folder folder("seed");
  const auto model = tiny({"train.epochs=2"});
  Trainer(model, quietly(folder.path / "a")).run();
  Trainer(model, quietly(folder.path / "b")).run();
  auto other = quietly(folder.path / "c");
  other.seed = 7;
  Trainer(model, other).run();
  CHECK(same_bits(last_of(folder.path / "a"), last_of(folder.path / "b")));
  CHECK_FALSE(same_bits(last_of(folder.path / "a"), last_of(folder.path / "c")));
}

TEST_CASE("skip scales are measured before the first step, and only where the model leaves them open") {
  const Folder folder("scale");
  auto options = quietly(folder.path / "a");
  Trainer(tiny({"train.epochs=0"}), options).run();
  const auto measured = last_of(folder.path / "a");
  const float scale = *measured.get("fcn8s.scale").as<float>();
  CHECK(scale > 0.0F);
  CHECK(scale != 1.0F);
  options.out = folder.path / "b";
  Trainer(tiny({"train.epochs=0", "train.batch=2"}), options).run();
  CHECK(*last_of(folder.path / "b").get("fcn8s.scale").as<float>() == scale);
}

TEST_CASE("weights of a run start another one, whose frozen tensors are then the same") {
  const Folder folder("weights");
  const auto model = tiny({"train.epochs=1"});
  Trainer(model, quietly(folder.path / "a")).run();
  auto options = quietly(folder.path / "b");
  options.seed = 5;
  options.epochs = 0;
  options.weights = Weights::load(folder.path / "a");
  Trainer(model, options).run();
  EvalOptions eval;
  eval.backend = "reference";
  const auto a = evaluate(model, Weights::load(folder.path / "a"), eval);
  const auto b = evaluate(model, Weights::load(folder.path / "b"), eval);
  CHECK(a.heads.back().loss == b.heads.back().loss);
}

TEST_CASE("frozen tensors given in memory are stored once, those of a file are referred to") {
  const Folder folder("frozen");
  const auto model = tiny({"train.epochs=1"});
  CompileOptions compile;
  compile.backend = "reference";
  compile.heads = {"all"};
  auto all = model.compile(compile).open({}, 3).weights();
  auto options = quietly(folder.path / "memory");
  options.weights = all;
  Trainer(model, options).run();
  CHECK(fs::exists(folder.path / "memory/checkpoints/frozen.safetensors"));
  all.save(folder.path / "all.safetensors");
  options.out = folder.path / "file";
  options.weights = Weights::load(folder.path / "all.safetensors");
  Trainer(model, options).run();
  CHECK_FALSE(fs::exists(folder.path / "file/checkpoints/frozen.safetensors"));
  CHECK(same_bits(Weights::load(folder.path / "memory"), Weights::load(folder.path / "file")));
}

TEST_CASE("a frozen part without weights is refused on real data, and the ways out are named") {
  const Folder folder("real");
  synthesize_dataset("camvid", (folder.path / "data").string(), {.train = 3, .val = 1, .height = 48, .width = 64});
  LoadOptions load;
  load.data = "camvid:" + (folder.path / "data").string();
  load.set = {"train.epochs=1", "train.batch=2"};
  const auto model = Model::load(graph("tiny/fcn32s.toml"), load);
  auto options = quietly(folder.path / "run");
  const std::string message = message_of<GraphError>([&] { Trainer(model, options).run(); });
  for (const char* way : {"--weights FILE", "--weights random", "model.trainable=all"})
    CHECK(message.find(way) != std::string::npos);
  CHECK_FALSE(fs::exists(folder.path / "run"));
  options.random_weights = true;
  CHECK(Trainer(model, options).run().history.size() == 1);
}

}  // namespace
}  // namespace fcngraph::testing
