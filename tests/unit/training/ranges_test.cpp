// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/ranges.h>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/plan.h>
#include <unistd.h>

namespace fcngraph {
namespace {

namespace fs = std::filesystem;

Model twin(std::vector<std::string> set = {}) {
  set.insert(set.end(), {"train.batch=2", "model.input.height=32", "model.input.width=32", "data.size=32"});
  return Model::load(fs::path(std::getenv("FCNGRAPH_SOURCE_DIR")) / "graphs/tiny/fcn8s.toml", {.set = set});
}

RangeOptions options(const std::string& backend) {
  RangeOptions out;
  out.backend = backend;
  out.batches = 2;
  out.random_weights = true;
  return out;
}

TEST_CASE("every value has a range, the same on every backend but for rounding") {
  const TrackedRanges reference = track_ranges(twin(), {}, options("reference")),
                      automatic = track_ranges(twin(), {}, options("auto"));
  CHECK(reference.samples == 4);
  CHECK(reference.backend == "reference");
  // What only training has, what is fused away elsewhere, a parameter, the image.
  for (const char* name :
       {"fc6.dropout", "block1_conv1.conv2d", "block1_conv1", "fcn8s.score", "fc6.weight", "image"}) {
    CAPTURE(name);
    REQUIRE(reference.values.count(name) == 1);
    CHECK(reference.values.at(name).largest > 0);
  }
  for (const auto& [name, range] : reference.values) {
    CAPTURE(name);
    REQUIRE(automatic.values.count(name) == 1);
    CHECK(automatic.values.at(name).largest == doctest::Approx(range.largest).epsilon(1e-4));
    CHECK(range.not_finite == 0);
  }
  // Dropout at 0.5 doubles what it keeps.
  CHECK(reference.values.at("fc6.dropout").largest <= 2.001F * reference.values.at("fc6").largest);
}

TEST_CASE("what is tracked is written, and read back by the model") {
  TrackedRanges ranges = track_ranges(twin(), {}, options("auto"));
  ranges.values["fc6"] = {1e6F, 2};
  const fs::path path = fs::temp_directory_path() / ("fcngraph-ranges-" + std::to_string(getpid()) + ".toml");
  ranges.save(path.string());
  const Model model = twin({"compile.ranges=" + path.string()});
  // In f32 they change nothing.
  CHECK(model.compile({.mode = Mode::train, .backend = "auto"}).plan().kept_wide.empty());
  ranges.model = "another";
  ranges.save(path.string());
  CHECK_THROWS_AS((void)twin({"compile.ranges=" + path.string()}), GraphError);
  fs::remove(path);
}

TEST_CASE("a number that overflows is counted") {
  Weights weights;
  Tensor huge = Tensor::zeros({DType::f32, {64, 3, 3, 3}, {}});
  const Program program = twin().compile({.mode = Mode::eval, .backend = "reference"});
  const Weights known = program.open({}).weights();
  huge = known.get("block1_conv1.weight");
  for (std::int64_t i = 0; i < huge.type.shape.elements(); ++i) huge.as<float>()[i] = 3e38F;
  weights.set("block1_conv1.weight", huge);
  const TrackedRanges ranges = track_ranges(twin(), weights, options("reference"));
  CHECK(ranges.values.at("block1_conv1.conv2d").not_finite > 0);
  CHECK_FALSE(ranges.values.at("block1_conv1.conv2d").fits());
}

}  // namespace
}  // namespace fcngraph
