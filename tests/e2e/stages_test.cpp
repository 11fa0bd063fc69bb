// SPDX-License-Identifier: Apache-2.0
// Training in stages: who moves when, what a stage starts from, and that it can be left and taken up anywhere.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/plan.h>

#include "run_fixture.h"
#include "temporary_folder.h"

namespace fcngraph::testing {
namespace {

using Names = std::vector<std::string>;

/// The three stages of Keras-FCN, one epoch of two steps each.
Model staged(const std::vector<std::string>& more = {}) {
  std::vector<std::string> set{"train.epochs=1"};
  set.insert(set.end(), more.begin(), more.end());
  return tiny(set, "tiny/keras_fcn.toml");
}

/// A joint model with scales that are measured, in two stages of which the second goes on from `init_from`.
Model scaled(const std::string& init_from = "last", const std::string& more = {}) {
  const std::string text = R"(
fcngraph = 1
[model]
name = "scaled"
input = { height = 32, width = 32, preprocess = "caffe" }
[backbone]
use = "vgg.toml"
taps = ["block4_pool", "block5_pool"]
[[head]]
name = "coarse"
from = "block5_pool"
upsample = 32
[[head]]
name = "fine"
from = "block4_pool"
fuse = "coarse"
upsample = 16
[train]
optimizer = { kind = "adam", lr = 0.01 }
epochs = 3
batch = 4
[[stage]]
name = "first"
heads = ["coarse"]
trainable = ["block5_*", "head:*"]
[[stage]]
name = "second"
heads = ["fine"]
trainable = ["head:fine"]
init_from = ")" + init_from +
                           R"("
)" + more + R"(
[data]
kind = "synthetic"
images = 6
val_images = 2
size = 32
)";
  return Model::parse(text, graph("tiny"));
}

/// A copy of the tensors of the run's last checkpoint after each epoch; its files are replaced as it goes on.
std::vector<Weights> checkpoints_of(const Model& model, TrainerOptions options, TrainResult* result = nullptr) {
  std::vector<Weights> after;
  options.on_epoch = [&](const EpochRecord&) {
    const auto stored = Weights::load(options.out / "checkpoints" / "last.safetensors");
    Weights copy;
    for (const auto& name : stored.names()) copy.set(name, stored.get(name));
    copy.metadata() = stored.metadata();
    after.push_back(std::move(copy));
  };
  auto done = Trainer(model, options).run();
  if (result != nullptr) *result = std::move(done);
  return after;
}

bool same(const Weights& a, const Weights& b, const std::string& name) {
  const auto x = a.bytes(name), y = b.bytes(name);
  return std::equal(x.begin(), x.end(), y.begin(), y.end());
}

TEST_CASE("each stage moves what it trains, and nothing else") {
  const Folder folder("stages");
  TrainResult result;
  const auto at = checkpoints_of(staged(), quietly(folder.path / "run"), &result);
  REQUIRE(at.size() == 3);
  // Stage 1 frees block 5, stage 2 block 4 besides, stage 3 all; a checkpoint has what was trained until then.
  CHECK(at[0].contains("block5_conv1.weight"));
  CHECK_FALSE(at[0].contains("block4_conv1.weight"));
  CHECK_FALSE(at[0].contains("fcn16.weight"));
  CHECK(at[1].contains("block4_conv1.weight"));
  CHECK_FALSE(at[1].contains("block1_conv1.weight"));
  CHECK(at[2].contains("block1_conv1.weight"));
  for (const char* name : {"block5_conv1.weight", "fc6.weight", "fc7.bias", "fcn32.weight"}) {
    CAPTURE(name);
    CHECK_FALSE(same(at[0], at[1], name));
    CHECK_FALSE(same(at[1], at[2], name));
  }
  CHECK_FALSE(same(at[1], at[2], "fcn16.weight"));
  // The interpolation stays one, and is there only once a stage needs it.
  CHECK(same(at[1], at[2], "fcn16.coarse.weight"));
  CHECK(at[0].contains("fcn32.upsampled.weight"));
  // The optimiser is new in each stage: moments of what it trains, and none of heads of before.
  CHECK(at[2].contains("optimizer.fcn8.weight.m"));
  CHECK_FALSE(at[0].contains("optimizer.fcn8.weight.m"));

  REQUIRE(result.history.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string head = Names{"fcn32", "fcn16", "fcn8"}[i];
    CHECK(result.history[i].epoch == static_cast<std::int64_t>(i) + 1);
    CHECK(result.history[i].stage == head);
    REQUIRE(result.history[i].heads.size() == 1);
    CHECK(result.history[i].heads[0].first == head);
    CHECK(result.history[i].heads[0].second.val_mean_iou);
  }
  CHECK(result.validation.heads.at(0).name == "fcn8");
}

TEST_CASE("a run in stages that is interrupted after every step ends with the bits of one that is not") {
  const std::string third = "[[stage]]\nname = \"third\"\ninit_from = \"first\"\nepochs = 1\n";
  for (const Model& model : {staged(), scaled(), scaled("best"), scaled("last", third)}) {
    const Folder folder("staged-resume");
    const auto whole = Trainer(model, quietly(folder.path / "whole")).run();
    auto options = quietly(folder.path / "pieces");
    TrainResult result;
    int pieces = 0;
    do {
      std::int64_t done = 0;
      options.on_step = [&](const StepProgress&) { ++done; };
      options.stop_requested = [&] { return done >= 1; };
      result = Trainer(model, options).run();
      options.resume = folder.path / "pieces";
      REQUIRE(++pieces < 50);
    } while (result.interrupted);
    CHECK(pieces > 5);
    CHECK(same_bits(last_of(folder.path / "whole"), last_of(folder.path / "pieces")));
    CHECK(same_bits(Weights::load(folder.path / "whole"), Weights::load(folder.path / "pieces")));
    REQUIRE(result.history.size() == whole.history.size());
    for (std::size_t i = 0; i < whole.history.size(); ++i) {
      CHECK(result.history[i].stage == whole.history[i].stage);
      CHECK(result.history[i].heads[0].second.loss == whole.history[i].heads[0].second.loss);
      CHECK(result.history[i].heads[0].second.val_loss == whole.history[i].heads[0].second.val_loss);
    }
  }
}

TEST_CASE("a stage starts from what the one before ended with, from its best, or from an earlier one") {
  const Folder folder("stages-from");
  const auto last = checkpoints_of(scaled(), quietly(folder.path / "last"));
  REQUIRE(last.size() == 6);
  // The second stage trains its own head alone.
  CHECK(same(last[2], last[5], "coarse.weight"));
  CHECK(same(last[2], last[5], "block5_conv1.weight"));
  // Measured before the first stage that uses it, and not again although block 5 has moved since.
  CHECK(same(last[0], last[5], "coarse.scale"));
  CHECK_FALSE(last[2].contains("fine.scale"));
  CHECK(same(last[3], last[5], "fine.scale"));

  auto options = quietly(folder.path / "best");
  std::optional<Weights> best;
  options.on_step = [&](const StepProgress& progress) {
    if (progress.stage != "second" || best) return;
    best.emplace();
    const auto stored = Weights::load(options.out / "checkpoints" / "best.safetensors");
    for (const auto& name : stored.names()) best->set(name, stored.get(name));
  };
  const auto from_best = Trainer(scaled("best"), options).run();
  REQUIRE(best);
  CHECK(same(*best, last_of(folder.path / "best"), "coarse.weight"));

  const auto third = scaled("last",
                            "[[stage]]\nname = \"third\"\nheads = [\"coarse\"]\ntrainable = [\"head:fine\", "
                            "\"head:coarse\"]\ninit_from = \"first\"\nepochs = 1\n");
  const auto at = checkpoints_of(third, quietly(folder.path / "third"));
  REQUIRE(at.size() == 7);
  CHECK(same_bits(Weights::load(folder.path / "third" / "checkpoints" / "first.safetensors"), [&] {
    Weights first = at[2];
    for (const auto& name : first.names()) {
      if (name.starts_with("optimizer.")) first.erase(name);
    }
    return first;
  }()));
  // What the second stage learnt is left behind.
  CHECK_FALSE(at[6].contains("fine.weight"));
}

TEST_CASE("a run in stages has one history, with the stage and the heads of each row") {
  const Folder folder("stages-history");
  Trainer(staged({"stage.fcn16.batch=2"}), quietly(folder.path / "run")).run();
  std::ifstream file(folder.path / "run" / "history.csv");
  Names lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].starts_with("epoch,stage,seconds,"));
  CHECK(lines[0].find("fcn32.loss") < lines[0].find("fcn16.loss"));
  CHECK(lines[1].starts_with("1,fcn32,"));
  CHECK(lines[3].starts_with("3,fcn8,"));
  const auto cells = [](const std::string& line) { return std::count(line.begin(), line.end(), ','); };
  CHECK(cells(lines[0]) == cells(lines[1]));
  CHECK(cells(lines[0]) == cells(lines[3]));
  std::ifstream manifest(folder.path / "run" / "manifest.json");
  const std::string text{std::istreambuf_iterator<char>(manifest), {}};
  for (const char* stage : {"\"fcn32\"", "\"fcn16\"", "\"fcn8\""}) CHECK(text.find(stage) != std::string::npos);
}

TEST_CASE("--epochs and --batch are of each stage, and the weights of a run in stages start another") {
  const Folder folder("stages-epochs");
  auto options = quietly(folder.path / "run");
  options.epochs = 2;
  options.batch = 6;
  std::int64_t steps = 0;
  options.on_step = [&](const StepProgress& progress) {
    ++steps;
    CHECK(progress.epochs == 6);
    CHECK(progress.batches == 1);
    CHECK_FALSE(progress.stage.empty());
  };
  Trainer(staged(), options).run();
  CHECK(steps == 6);
  auto next = quietly(folder.path / "next");
  next.weights = Weights::load(folder.path / "run");
  const auto at = checkpoints_of(staged(), next);
  CHECK(at.size() == 3);
  // The head of the last stage comes from the run given, and every checkpoint until then has it as it came.
  REQUIRE(next.weights.contains("fcn8.weight"));
  CHECK(same(at[0], next.weights, "fcn8.weight"));
  CHECK(at[0].metadata().at("training").find("fcn8.weight") != std::string::npos);
  // What is frozen is in none of them.
  CHECK(at[0].metadata().at("training").find("block1_conv1") == std::string::npos);
  CHECK(same(at[1], next.weights, "fcn8.weight"));
  CHECK_FALSE(same(at[2], next.weights, "fcn8.weight"));
}

TEST_CASE("what a later stage freezes without weights is refused before the first one begins") {
  const Folder folder("stages-frozen");
  synthesize_dataset("camvid", (folder.path / "data").string(), {.train = 3, .val = 1, .height = 48, .width = 64});
  LoadOptions load;
  load.data = "camvid:" + (folder.path / "data").string();
  load.set = {"train.epochs=1", "stage.fcn32.trainable=all", "stage.fcn16.trainable=[\"head:fcn32\"]"};
  const auto model = Model::load(graph("tiny/keras_fcn.toml"), load);
  auto options = quietly(folder.path / "run");
  const std::string message = message_of<GraphError>([&] { Trainer(model, options).run(); });
  INFO(message);
  CHECK(message.find("stage 'fcn16': 2 of ") != std::string::npos);
  CHECK(message.find("'fcn16.weight' first") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.path / "run"));
}

TEST_CASE("a stage with the features of the one before reads them from the cache, and the bits are those without") {
  const Folder folder("stages-cache");
  const auto with = scaled("last", "");
  auto options = quietly(folder.path / "kept");
  std::vector<std::int64_t> hits;
  options.on_epoch = [&](const EpochRecord& row) { hits.push_back(row.cache_hits); };
  Trainer(with, options).run();
  auto off = quietly(folder.path / "off");
  off.cache = "off";
  Trainer(with, off).run();
  CHECK(same_bits(last_of(folder.path / "kept"), last_of(folder.path / "off")));
  REQUIRE(hits.size() == 6);
  CHECK(hits[5] == 6);
}

TEST_CASE("the original's three stages train on a padded image, and the doctor finds nothing wrong with a sum") {
  const Folder folder("paper");
  auto options = quietly(folder.path / "run");
  Names said;
  options.log = [&](std::string_view line) { said.emplace_back(line); };
  options.backend = "auto";
  const auto result = Trainer(tiny({"data.images=2", "train.batch=1"}, "tiny/paper/fcn8s.toml"), options).run();
  CHECK(result.history.size() == 3);
  for (const auto& line : said) CHECK_MESSAGE(line.find("warning: doctor") == std::string::npos, line);
}

/// The weights after one step on four pictures of 16 x 16, in however many parts.
Weights stepped(const Program& program) {
  auto session = program.open({}, 3);
  for (std::int64_t part = 0; part < program.parts(); ++part) {
    std::map<std::string, Tensor> inputs;
    for (const auto& [name, slot] : program.plan().inputs) {
      const auto& type = program.plan().slots[static_cast<std::size_t>(slot)].type;
      auto tensor = Tensor::zeros({type.dtype, type.shape, {}});
      const auto count = tensor.type.shape.elements(), first = part * count;
      for (std::int64_t i = 0; i < count; ++i) {
        if (name == "image") tensor.as<float>()[i] = static_cast<float>((first + i) * 7919 % 251) / 125.0F - 1.0F;
        if (name == "labels") tensor.as<std::uint8_t>()[i] = static_cast<std::uint8_t>((first + i) / 5 % 4);
      }
      if (name == "lr") *tensor.as<float>() = 1e-4F;
      if (name == "keep_gradients") *tensor.as<float>() = part > 0 ? 1.0F : 0.0F;
      inputs.emplace(name, std::move(tensor));
    }
    session.step(inputs, part + 1 == program.parts());
  }
  return session.weights();
}

TEST_CASE("a sum of the loss is its mean at another rate, in parts of a batch too") {
  const std::string common =
      R"(fcngraph = 1
[model]
name = "sum"
trainable = "all"
input = { height = 16, width = 16, preprocess = "tf" }
[[node]]
name = "conv"
op = "conv2d"
inputs = ["image"]
filters = 4
kernel = 3
stride = 4
padding = "same"
activation = "relu"
[[head]]
name = "scores"
from = "conv"
scale = 1
upsample = 4
[[head]]
name = "again"
from = "conv"
scale = 1
upsample = 4
loss_weight = 0.5
[data]
kind = "synthetic"
images = 8
val_images = 2
size = 16
rim = 0
[train]
epochs = 1
batch = 4
schedule = "constant"
warmup = 0
clip_norm = 0
)";
  // Every pixel is valid: the sum is 4 * 16 * 16 times the mean.
  const auto sum = Model::parse(
      common + "loss = { normalize = \"none\" }\noptimizer = { kind = \"sgd\", lr = 0.0001220703125 }", ".");
  const auto mean = Model::parse(common + "optimizer = { kind = \"sgd\", lr = 0.125 }", ".");
  const auto close = [](const Weights& a, const Weights& b) {
    for (const char* name : {"conv.weight", "conv.bias", "scores.weight", "again.weight"}) {
      const auto x = a.get(name), y = b.get(name);
      for (std::int64_t i = 0; i < x.type.shape.elements(); ++i)
        CHECK(x.as<float>()[i] == doctest::Approx(y.as<float>()[i]).epsilon(1e-4));
    }
  };
  for (const char* backend : {"reference", "auto"}) {
    CAPTURE(backend);
    const Folder folder("sum");
    for (const auto& [model, name] : {std::pair(&sum, "sum"), {&mean, "mean"}}) {
      auto options = quietly(folder.path / name);
      options.backend = backend;
      Trainer(*model, options).run();
    }
    close(last_of(folder.path / "sum"), last_of(folder.path / "mean"));
  }

  const auto step = [&](std::int64_t parts) {
    CompileOptions options;
    options.mode = Mode::train;
    options.backend = "reference";
    options.parts = parts;
    return sum.compile(options);
  };
  // The loss of each head is one step all the same.
  const auto whole = step(1);
  const auto& steps = whole.plan().steps;
  CHECK(std::count_if(steps.begin(), steps.end(),
                      [&](const Step& s) { return whole.plan().graph.node(s.node).op->name == "region"; }) == 2);
  // Nothing divides the sum: a part needs no count of the whole batch, and what parts add up to is the batch's.
  const auto halves = step(2);
  CHECK_FALSE(halves.plan().graph.find_value("normalizer").valid());
  close(stepped(whole), stepped(halves));
}

}  // namespace
}  // namespace fcngraph::testing
