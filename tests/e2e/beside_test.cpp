// SPDX-License-Identifier: Apache-2.0
// Training, evaluation and inference on a device that works beside the host: it does what it is asked as late as it may, and finds
// what it is brought as early as it may. The bits must be those of doing one thing after the other.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/plan.h>
#include <fcngraph/evaluate.h>
#include <fcngraph/predictor.h>
#include <fcngraph/ranges.h>

#include "environment_scope.h"
#include "run_fixture.h"

namespace fcngraph::testing {
namespace {

struct Trained {
  TrainResult result;
  Weights last;
  std::string log;
};

Trained train(const Model& model, const std::string& cache, const std::string& precision = "f32") {
  const Folder folder("beside");
  auto options = quietly(folder.path / "run");
  options.backend = "cudnn";
  options.precision = precision;
  options.cache = cache;
  Trained out;
  options.log = [&](std::string_view line) { out.log += std::string(line) + '\n'; };
  out.result = Trainer(model, options).run();
  out.last = last_of(folder.path / "run");
  return out;
}

void check_same(const Trained& a, const Trained& b) {
  CHECK(same_bits(a.last, b.last));
  REQUIRE(a.result.history.size() == b.result.history.size());
  for (std::size_t i = 0; i < a.result.history.size(); ++i) {
    const auto &x = a.result.history[i], &y = b.result.history[i];
    CHECK(x.cache_hits == y.cache_hits);
    for (std::size_t h = 0; h < x.heads.size(); ++h) {
      CHECK(x.heads[h].second.loss == y.heads[h].second.loss);
      CHECK(x.heads[h].second.mean_iou == y.heads[h].second.mean_iou);
      CHECK(x.heads[h].second.val_loss == y.heads[h].second.val_loss);
    }
  }
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("training beside the host gives the bits of training one thing after the other") {
  const auto model = tiny({"train.epochs=3", "data.val_images=3"});
  for (const char* cache : {"off", "memory"}) {
    CAPTURE(cache);
    const Trained beside = train(model, cache);
    const EnvironmentScope off("FCNGRAPH_QUEUED_BESIDE", "0");
    check_same(beside, train(model, cache));
  }
}

TEST_CASE("with mirrored samples, a loss scale, and everything trained too") {
  using Keys = std::vector<std::string>;
  for (const auto& [set, precision] : {std::pair<Keys, std::string>{{"train.flip=true"}, "f16"},
                                       {{"model.trainable=all", "train.loss_scale=\"dynamic\""}, "f16"},
                                       {{"model.trainable=all", "train.flip=true"}, "f32"}}) {
    CAPTURE(join(set));
    Keys all = set;
    all.insert(all.end(), {"train.epochs=2", "data.val_images=0"});
    const auto model = tiny(all);
    const Trained beside = train(model, "memory", precision);
    const EnvironmentScope off("FCNGRAPH_QUEUED_BESIDE", "0");
    check_same(beside, train(model, "memory", precision));
  }
}

TEST_CASE("features stay on the device where it has room, and are streamed where it has not") {
  const auto model = tiny({"train.epochs=3", "data.val_images=3"});
  const Trained resident = train(model, "memory");
  CHECK(has(resident.log, "features of 6 samples stay on the device"));
  CHECK_FALSE(has(resident.log, "streamed"));
  // What is set aside for programs is more than there is: every sample passes through.
  const EnvironmentScope small("FCNGRAPH_QUEUED_MEMORY", std::to_string(std::size_t{200} << 20U));
  const Trained streamed = train(model, "memory");
  CHECK_FALSE(has(streamed.log, "stay on the device"));
  check_same(resident, streamed);
}

TEST_CASE("what does not fit is said with its bytes, before the first step") {
  const EnvironmentScope small("FCNGRAPH_QUEUED_MEMORY", "100000");
  try {
    (void)train(tiny({"train.epochs=1"}), "memory");
    FAIL("it fits");
  } catch (const BackendError& error) {
    CHECK(has(error.what(), "bytes wanted"));
    CHECK(has(error.what(), "free"));
  }
}

TEST_CASE("images are predicted and scored the same, several begun before the first is ended") {
  const auto model = tiny();
  const auto predict = [&] {
    PredictorOptions options;
    options.compile.backend = "cudnn";
    options.compile.batch = 2;
    Predictor predictor(model, {}, options);
    std::vector<Image> images;
    for (int i = 0; i < 7; ++i) {
      Image image{20 + 5 * (i % 2), 30, 3, {}};
      image.pixels.resize(static_cast<std::size_t>(image.height * image.width * 3));
      for (std::size_t p = 0; p < image.pixels.size(); ++p)
        image.pixels[p] = static_cast<std::uint8_t>(p * 31 + static_cast<std::size_t>(i) * 57);
      images.push_back(std::move(image));
    }
    return predictor.predict(images);
  };
  const auto evaluated = [&] {
    EvalOptions options;
    options.backend = "cudnn";
    options.split = Split::train;
    options.batch = 2;
    return evaluate(model, {}, options);
  };
  const auto beside = predict();
  const auto report = evaluated();
  const EnvironmentScope off("FCNGRAPH_QUEUED_BESIDE", "0");
  const auto plain = predict();
  REQUIRE(beside.size() == plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    for (const auto& [name, logits] : plain[i].logits) CHECK(beside[i].logits.at(name).data == logits.data);
  }
  CHECK(beside[0].logits.begin()->second.data != beside[2].logits.begin()->second.data);
  const auto again = evaluated();
  REQUIRE(report.heads.size() == again.heads.size());
  CHECK(report.samples == 6);
  for (std::size_t h = 0; h < report.heads.size(); ++h) {
    CHECK(report.heads[h].loss == again.heads[h].loss);
    CHECK(report.heads[h].confusion.counts() == again.heads[h].confusion.counts());
  }
}

TEST_CASE("ranges that were tracked in f32 keep what would overflow in f32, in the plan and in a run") {
  const Folder folder("ranges");
  auto ranges = track_ranges(tiny(), {}, {.backend = "cudnn", .batches = 1});
  CHECK(ranges.values.at("block1_pool").fits());
  const auto wide_of = [&](const TrackedRanges& tracked) {
    const auto path = (folder.path / "ranges.toml").string();
    tracked.save(path);
    return tiny({"compile.ranges=" + path, "train.epochs=1"});
  };
  const CompileOptions compile{.mode = Mode::train, .backend = "cudnn", .precision = "f16"};
  CHECK(wide_of(ranges).compile(compile).plan().kept_wide.empty());
  ranges.values.at("block1_pool").add(ValueRange{1e5F, 0});
  const Model model = wide_of(ranges);
  const Program program = model.compile(compile);
  REQUIRE(program.plan().kept_wide.size() == 1);
  CHECK(program.plan().kept_wide[0].first == "block1_pool");
  CHECK(train(model, "memory", "f16").result.history.size() == 1);
  // Of the model as it was: a value has no range now.
  ranges.values.erase("block2_conv1");
  CHECK_THROWS_AS((void)wide_of(ranges).compile(compile), GraphError);
}

}  // namespace
}  // namespace fcngraph::testing
