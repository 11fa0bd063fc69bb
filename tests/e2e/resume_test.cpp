// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include <fcngraph/doctor.h>
#include <fcngraph/engine/error.h>

#include "run_fixture.h"

namespace fcngraph::testing {
namespace {

namespace fs = std::filesystem;

/// Trains in one go, and in pieces of `steps` steps; both must end with the same bits.
void compare(const Model& model, std::int64_t steps, const std::string& name) {
  const Folder folder("resume-" + name);
  const auto whole = Trainer(model, quietly(folder.path / "whole")).run();
  auto options = quietly(folder.path / "pieces");
  TrainResult result;
  int pieces = 0;
  do {
    std::int64_t done = 0;
    options.on_step = [&](const StepProgress&) { ++done; };
    options.stop_requested = [&] { return done >= steps; };
    result = Trainer(model, options).run();
    options.resume = folder.path / "pieces";
    REQUIRE(++pieces < 50);
  } while (result.interrupted);
  CHECK(pieces > 2);
  CHECK(same_bits(last_of(folder.path / "whole"), last_of(folder.path / "pieces")));
  CHECK(same_bits(Weights::load(folder.path / "whole"), Weights::load(folder.path / "pieces")));
  const auto seen = examine_run(folder.path / "whole"), seen_in_pieces = examine_run(folder.path / "pieces");
  CHECK(seen.skipped_steps == seen_in_pieces.skipped_steps);
  CHECK(seen.loss_scale_halvings == seen_in_pieces.loss_scale_halvings);
  REQUIRE(result.history.size() == whole.history.size());
  for (std::size_t i = 0; i < whole.history.size(); ++i) {
    CHECK(result.history[i].skipped_steps == whole.history[i].skipped_steps);
    CHECK(result.history[i].loss_scale == whole.history[i].loss_scale);
    for (std::size_t h = 0; h < whole.history[i].heads.size(); ++h) {
      const auto &a = whole.history[i].heads[h].second, &b = result.history[i].heads[h].second;
      CHECK(a.loss == b.loss);
      CHECK(a.mean_iou == b.mean_iou);
      CHECK(a.val_loss == b.val_loss);
      CHECK(a.val_mean_iou == b.val_mean_iou);
    }
  }
}

TEST_CASE("a run that was interrupted again and again ends with the bits of one that was not") {
  compare(tiny({"train.epochs=3"}), 1, "steps");
  compare(tiny({"train.epochs=4", "train.flip=true",
                "train.optimizer={ kind = \"sgd\", lr = 0.01, momentum = 0.9, nesterov = true }"},
               "tiny/fcn16s.toml"),
          3, "sgd");
}

TEST_CASE("a loss scale that looks for its place is where it was") {
  // Overflows in the first steps, in a run that is interrupted after each of them.
  compare(tiny({"train.epochs=5", "train.loss_scale=\"dynamic\"", "head.fcn8s.loss_weight=1e34"}), 1, "loss-scale");
}

TEST_CASE("batch statistics, and a last batch of another size, resume too") {
  const Folder folder("norm");
  std::ofstream(folder.path / "norm.toml") << R"(
fcngraph = 1
[model]
name = "norm"
trainable = "all"
input = { height = 32, width = 32, preprocess = "tf" }
[[node]]
name = "conv"
op = "conv2d"
inputs = ["image"]
filters = 4
kernel = 3
padding = "same"
bias = false
[[node]]
name = "norm"
op = "batch_norm"
activation = "relu"
[[head]]
name = "scores"
from = "norm"
[train]
epochs = 3
batch = 4
[data]
kind = "synthetic"
images = 6
val_images = 2
size = 32
)";
  compare(Model::load(folder.path / "norm.toml"), 1, "norm");
}

TEST_CASE("what does not fit the run is refused") {
  const Folder folder("refused");
  const auto run = folder.path / "run";
  Trainer(tiny({"train.epochs=1"}), quietly(run)).run();
  auto options = quietly({});
  options.resume = run;
  CHECK_THROWS_AS(Trainer(tiny({"train.epochs=2"}), options).run(), GraphError);
  options.seed = 9;
  CHECK_THROWS_AS(Trainer(tiny({"train.epochs=1"}), options).run(), GraphError);
  options.seed.reset();
  options.resume = folder.path / "absent";
  CHECK_THROWS_AS(Trainer(tiny({"train.epochs=1"}), options).run(), IoError);
}

/// As long as it lives, no file may grow beyond so many bytes: what a full disk looks like to a program.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST_CASE("a disk that is full is an error, and the checkpoint before survives and goes on") {
  const Folder folder("full");
  const auto run = folder.path / "run";
  const auto model = tiny({"train.epochs=2"});
  auto options = quietly(run);
  std::int64_t done = 0;
  options.on_step = [&](const StepProgress&) { ++done; };
  options.stop_requested = [&] { return done >= 1; };
  REQUIRE(Trainer(model, options).run().interrupted);
  const auto before = last_of(run);
  auto again = quietly({});
  again.resume = run;
  {
    const FileLimit limit(2048);
    CHECK_THROWS_AS(Trainer(model, again).run(), IoError);
  }
  CHECK(same_bits(before, last_of(run)));
  for (const auto& entry : fs::directory_iterator(run / "checkpoints")) {
    CAPTURE(entry.path());
    CHECK(entry.path().extension() == ".safetensors");
  }
  CHECK(Trainer(model, again).run().history.size() == 2);
}

TEST_CASE("a checkpoint cut short is an error that names it") {
  const Folder folder("cut");
  const auto run = folder.path / "run";
  const auto model = tiny({"train.epochs=1"});
  Trainer(model, quietly(run)).run();
  const auto path = run / "checkpoints" / "last.safetensors";
  fs::resize_file(path, fs::file_size(path) / 2);
  auto options = quietly({});
  options.resume = run;
  try {
    Trainer(model, options).run();
    FAIL("a damaged checkpoint was taken");
  } catch (const IoError& error) {
    CHECK(std::string(error.what()).find("last.safetensors") != std::string::npos);
  }
}

}  // namespace
}  // namespace fcngraph::testing
