// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include <fcngraph/weights.h>
#include <nlohmann/json.hpp>

#include "program.h"

namespace fcngraph::testing {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string fixture(const std::string& name) {
  const char* root = std::getenv("FCNGRAPH_SOURCE_DIR");
  return (fs::path(root != nullptr ? root : ".") / "tests" / "fixtures" / "import" / name).string();
}

/// The first convolution of the fixtures' VGG, frozen, with a head.
const std::string kModel = R"(fcngraph = 1
[model]
name = "m"
input = { height = 16, width = 16, preprocess = "none" }
[backbone]
weights = "w.h5"
[[backbone.node]]
name = "block1_conv1"
op = "conv2d"
filters = 2
kernel = 3
padding = "same"
[[head]]
name = "h"
from = "block1_conv1"
[data]
kind = "synthetic"
classes = 3
images = 4
val_images = 2
size = 16
)";

TEST_CASE("import lists a file's tensors, and writes them as safetensors") {
  const Folder folder;
  const auto outcome = folder.run({"import", fixture("published.h5"), "--layout", "keras", "-o", "w.safetensors"});
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  CHECK(has(outcome.out, "Keras HDF5, layout keras"));
  CHECK(has(outcome.out, "fc1.weight"));
  CHECK(has(outcome.out, "18 loaded (3 reshaped)"));
  CHECK(Weights::load(folder.path / "w.safetensors").type("fc1.weight").shape == Shape{12, 4, 3, 3});
  const auto json = Json::parse(folder.run({"import", fixture("published.h5"), "--json"}).out);
  CHECK(json["loaded"] == 18);
  CHECK(json["tensors"][0]["name"] == "block1_conv1.weight");
}

TEST_CASE("what import cannot read, with its exit code") {
  const Folder folder;
  CHECK(folder.run({"import"}).code == 2);
  CHECK(folder.run({"import", fixture("legacy.h5"), "--layout", "caffe"}).code == 2);
  CHECK(folder.run({"import", fixture("legacy.h5"), "-x", "f"}).code == 2);
  const auto poisoned = folder.run({"import", fixture("nan.h5"), "-o", "w.safetensors"});
  CHECK(poisoned.code == 1);
  CHECK(has(poisoned.err, "conv/conv/kernel:0"));
  CHECK_FALSE(fs::exists(folder.path / "w.safetensors"));
  const auto unfit = folder.run({"run", graph("tiny/fcn32s.toml"), "--mode", "bench", "--weights",
                                 fixture("published.h5"), "--backend", "reference"});
  CHECK(unfit.code == 2);
  CHECK(has(unfit.err, "block1_conv1.weight"));
  CHECK(has(unfit.err, "f32[4, 3, 3, 3]"));
}

TEST_CASE("a model trains on the weights that it names, and its run needs them no longer") {
  const Folder folder;
  folder.write("m.toml", kModel);
  fs::copy_file(fixture("published.h5"), folder.path / "w.h5");
  const auto train = folder.run(
      {"run", "m.toml", "--mode", "train", "--epochs", "1", "--batch", "2", "--backend", "reference", "--out", "r"});
  CAPTURE(train.err);
  REQUIRE(train.code == 0);
  CHECK(has(train.err, "block1_conv1.weight   loaded "));
  CHECK_FALSE(has(train.err, "warning: the frozen part"));
  fs::remove(folder.path / "w.h5");
  const auto eval = folder.run({"run", "--mode", "eval", "--weights", "r", "--backend", "reference"});
  CAPTURE(eval.err);
  CHECK(eval.code == 0);
  const auto frozen = Weights::load(folder.path / "r").get("block1_conv1.weight");
  const auto given = Weights::load(fixture("published.h5")).get("block1_conv1.weight");
  CHECK(frozen.data == given.data);
  const auto without = folder.run({"run", "m.toml", "--mode", "bench", "--backend", "reference"});
  CHECK(without.code == 1);
  CHECK(has(without.err, "w.h5"));
  CHECK(folder.run({"run", "m.toml", "--mode", "bench", "--weights", "random", "--backend", "reference"}).code == 0);
}

}  // namespace
}  // namespace fcngraph::testing
