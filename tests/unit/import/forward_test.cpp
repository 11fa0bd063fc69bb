// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include <fcngraph/engine/error.h>
#include <fcngraph/import.h>
#include <fcngraph/model.h>
#include <fcngraph/session.h>

#include "import_files.h"
#include "temporary_folder.h"

namespace fcngraph {
namespace {

struct Stage {
  int convs, filters;
};

/// VGG of these stages on 96x96 images, its classifier run as convolutions: what make_import_fixtures.py builds in Keras.
std::string vgg(const std::vector<Stage>& stages, const std::string& backbone = "", const std::string& bias = "true") {
  std::string text = R"(fcngraph = 1
[model]
name = "vgg"
input = { height = 96, width = 96, preprocess = "none" }
[backbone]
taps = ["block5_pool"]
)" + backbone + R"(
[backbone.block.stage]
parameters = ["convs", "filters"]
[[backbone.block.stage.node]]
name = "conv{i}"
op = "conv2d"
repeat = "$convs"
filters = "$filters"
kernel = 3
padding = "same"
activation = "relu"
[[backbone.block.stage.node]]
name = "pool"
op = "max_pool2d"
kernel = 2
stride = 2
)";
  for (std::size_t i = 0; i < stages.size(); ++i) {
    text += "[[backbone.node]]\nname = \"block" + std::to_string(i + 1) +
            "\"\nblock = \"stage\"\nconvs = " + std::to_string(stages[i].convs) +
            "\nfilters = " + std::to_string(stages[i].filters) + "\n";
  }
  return text + R"([[dense_conv]]
name = "fc6"
from = "block5_pool"
weights_from = "fc1"
kernel = 3
filters = 12
bias = )" +
         bias +
         R"(
[[dense_conv]]
name = "fc7"
from = "fc6"
weights_from = "fc2"
filters = 10
[[head]]
name = "head"
from = "fc7"
upsample = 32
[data]
kind = "synthetic"
classes = 4
)";
}

const std::vector<Stage> kVgg16 = {{2, 2}, {2, 3}, {3, 3}, {3, 4}, {3, 4}};
const std::vector<Stage> kShort = {{1, 2}, {1, 2}, {1, 3}, {1, 3}, {2, 4}};

Tensor image() {
  Tensor tensor = Tensor::zeros({DType::f32, {1, 3, 96, 96}, {}});
  float* out = tensor.as<float>();
  for (int c = 0; c < 3; ++c) {
    for (int h = 0; h < 96; ++h) {
      for (int w = 0; w < 96; ++w) *out++ = static_cast<float>((7 * h + 3 * w + 11 * c) % 17 - 8) / 8;
    }
  }
  return tensor;
}

/// RMS of the difference over RMS of what Keras has.
double error_of(const std::vector<float>& ours, const std::vector<float>& keras) {
  REQUIRE_EQ(ours.size(), keras.size());
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    difference += std::pow(static_cast<double>(ours[i]) - static_cast<double>(keras[i]), 2);
    size += std::pow(static_cast<double>(keras[i]), 2);
  }
  REQUIRE(size > 0);
  return std::sqrt(difference / size);
}

/// The numbers of pixel (1, 1), where the 3x3 window of fc6 covers the whole feature, as Keras's dense layer does.
std::vector<float> centre(const Tensor& tensor) {
  std::vector<float> out;
  for (std::int64_t c = 0; c < tensor.type.shape[1]; ++c) out.push_back(tensor.as<float>()[c * 9 + 4]);
  return out;
}

Session open(const std::string& text, const Weights& weights) {
  CompileOptions options;
  options.backend = "reference";
  options.fetch = {"block5_pool", "fc6", "fc7"};
  return Model::parse(text, ".").compile(options).open(weights);
}

TEST_CASE("imported weights compute what Keras computes: backbone, and dense layers as convolutions") {
  struct Case {
    const char *file, *answers;
    const std::vector<Stage>& stages;
  };
  for (const auto& c : {Case{"vgg16.weights.h5", "vgg16", kVgg16}, Case{"published.h5", "short", kShort},
                        Case{"legacy.h5", "short", kShort}, Case{"weights.npz", "short", kShort}}) {
    CAPTURE(c.file);
    Session session = open(vgg(c.stages), Weights::load(fixture(c.file)));
    const Result result = session.run({{"image", image()}});
    const auto answer = [&](const char* tap) { return load_npy(fixture(std::string(c.answers) + "." + tap + ".npy")); };
    CHECK(error_of(values(result["block5_pool"]), values(to_nchw(answer("block5_pool")))) < 1e-6);
    CHECK(error_of(centre(result["fc6"]), values(answer("fc1"))) < 1e-6);
    CHECK(error_of(centre(result["fc7"]), values(answer("fc2"))) < 1e-6);
  }
}

TEST_CASE("the report says what was reshaped, dropped, left at its initialiser and not used") {
  const Session session = open(vgg(kShort, "", "false"), Weights::load(fixture("published.h5")));
  const auto status = [&](const std::string& name) {
    const auto& rows = session.report().rows;
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.name == name; });
    REQUIRE(found != rows.end());
    return found->status + ": " + found->detail;
  };
  CHECK(says(status("block1_conv1.weight"), "loaded: f32[2, 3, 3, 3] from 'block1_conv1/block1_conv1_W_1:0'"));
  CHECK(says(status("fc6.weight"), "reshaped: f32[12, 4, 3, 3] from 'fc1/fc1_W_1:0', as (3, 3, 4, 12)"));
  CHECK(says(status("fc6.bias"), "unused: f32[12], dropped: 'fc6' has bias = false"));
  CHECK(says(status("fc7.bias"), "loaded"));
  CHECK(says(status("head.weight"), "at its initialiser"));
  CHECK(says(status("predictions.weight"), "unused"));
  CHECK_EQ(session.report().reshaped, 2);
}

TEST_CASE("shapes that do not fit are all named") {
  const std::string message = message_of<GraphError>([] {
    (void)open(vgg({{1, 2}, {1, 2}, {1, 3}, {1, 3}, {2, 5}}), Weights::load(fixture("published.h5")));
  });
  CHECK(says(message, "'block5_conv1.weight' does not fit: the model expects f32[5, 3, 3, 3]"));
  CHECK(says(message, "'fc6.weight' does not fit: the model expects f32[12, 5, 3, 3]"));
  CHECK(says(message, "published.h5' have f32[12, 4, 3, 3]"));
}

TEST_CASE("[backbone] weights is the file that a model starts from, beside its own file") {
  const TemporaryFolder folder;
  std::filesystem::copy_file(fixture("published.h5"), folder / "w.h5");
  TemporaryFolder::write(folder / "m.toml", vgg(kShort, "weights = { file = \"w.h5\", layout = \"keras\" }"));
  const Model model = Model::load(folder / "m.toml");
  CHECK_EQ(model.pretrained().source(), folder / "w.h5");
  CHECK(model.pretrained().contains("fc1.weight"));
  CHECK(Model::parse(vgg(kShort), ".").pretrained().names().empty());
  std::filesystem::remove(folder / "w.h5");
  CHECK_THROWS_AS((void)model.pretrained(), IoError);
}

}  // namespace
}  // namespace fcngraph
