// SPDX-License-Identifier: Apache-2.0
// The tutorial's way of making samples, key by key, on a folder of pets.
#include <doctest/doctest.h>

#include <algorithm>

#include <fcngraph/compare.h>
#include <fcngraph/dataset.h>
#include <fcngraph/engine/error.h>

#include "run_fixture.h"

namespace fcngraph::testing {
namespace {

/// Nine pictures to train on and two to validate, of sizes that differ.
struct Pets {
  Folder folder{"pets"};
  Pets() {
    synthesize_dataset("pets", folder.path.string(),
                       {.train = 11, .val = 1, .height = 60, .width = 80, .vary = 0.5, .seed = 3});
  }
  Model model(std::vector<std::string> set = {}) const {
    LoadOptions options;
    options.set = {"backbone.use=" + graph("tiny/vgg.toml").string(),
                   "dense_conv.fc6.filters=32",
                   "dense_conv.fc7.filters=32",
                   "model.input.height=64",
                   "model.input.width=64",
                   "data.root=" + folder.path.string(),
                   "train.batch=2",
                   "train.epochs=2",
                   "train.optimizer.lr=0.02"};
    options.set.insert(options.set.end(), set.begin(), set.end());
    return Model::load(graph("keras/fcn32s.toml"), options);
  }
};

TrainerOptions as_keras(const std::filesystem::path& out) {
  auto options = quietly(out);
  options.random_weights = true;
  options.metrics = MetricMode::keras;
  return options;
}

const HeadReport& validation(const TrainResult& result) { return result.validation.heads.at(0); }

std::int64_t sum(const ConfusionMatrix& matrix) { return matrix.scores().pixels; }

TEST_CASE(
    "the twin trains on what the tutorial's padding and resizing make, and Keras's accuracy pays for mixed labels") {
  const Pets pets;
  const auto run = Trainer(pets.model(), as_keras(pets.folder.path / "run")).run();
  const auto& head = validation(run);
  // Two pictures, all of them scored: padding is a class, and nothing is ignored.
  CHECK(sum(head.confusion) == 2 * 64 * 64);
  REQUIRE(head.fractional);
  CHECK(sum(*head.fractional) > 0);
  CHECK(sum(*head.fractional) < sum(head.confusion));
  const auto plain = head.confusion.scores();
  CHECK(head.scores.mean_iou == plain.mean_iou);
  CHECK(head.scores.pixel_accuracy < plain.pixel_accuracy);
  // Of the epoch's training, too.
  CHECK(run.history.back().heads[0].second.val_accuracy == head.scores.pixel_accuracy);
}

TEST_CASE("each of the tutorial's keys can be taken back by itself") {
  const Pets pets;
  const auto pixels_of = [&](const std::vector<std::string>& set, Split split = Split::val) {
    const auto model = pets.model(set);
    const auto report =
        evaluate(model, {}, {.split = split, .backend = "reference", .threads = 1, .random_weights = true});
    return report.heads.at(0);
  };
  const auto of_class = [](const HeadReport& head, std::int64_t truth) {
    std::int64_t pixels = 0;
    for (std::int64_t p = 0; p < head.confusion.classes(); ++p) pixels += head.confusion.at(truth, p);
    return pixels;
  };
  const auto all = pixels_of({}, Split::train);
  CHECK(of_class(all, 0) > 0);
  CHECK(all.fractional);
  // As a class, padding counts; ignored, it does not.
  const auto ignored = pixels_of({"data.resize.padding=ignore"}, Split::train);
  CHECK(of_class(ignored, 0) == 0);
  CHECK(sum(ignored.confusion) < sum(all.confusion));
  // Without padding there are pixels of the other classes alone, though mixed labels keep their places.
  const auto unpadded = pixels_of({"data.resize.pad_to=input"}, Split::train);
  CHECK(of_class(unpadded, 0) == 0);
  CHECK(sum(unpadded.confusion) == sum(all.confusion));
  const auto nearest = pixels_of({"data.resize.labels=nearest"}, Split::train);
  CHECK_FALSE(nearest.fractional);
  CHECK(of_class(nearest, 0) > 0);
  CHECK(of_class(nearest, 3) > of_class(all, 3));  // cutting off erodes the border
  const auto single = pixels_of({"data.resize.precision=f32"}, Split::train);
  CHECK(single.loss != all.loss);
  CHECK(single.loss == doctest::Approx(all.loss).epsilon(0.01));
}

TEST_CASE("padded batches and mixed labels come out of the cache as they went in") {
  const Pets pets;
  auto options = as_keras(pets.folder.path / "with");
  const auto with = Trainer(pets.model(), options).run();
  options.out = pets.folder.path / "without";
  options.cache = "off";
  const auto without = Trainer(pets.model(), options).run();
  CHECK(same_bits(last_of(with.folder), last_of(without.folder)));
  REQUIRE(with.history.size() == without.history.size());
  CHECK(with.history.back().cache_hits > 0);
  for (std::size_t e = 0; e < with.history.size(); ++e) {
    const auto &a = with.history[e].heads[0].second, &b = without.history[e].heads[0].second;
    CHECK(a.loss == b.loss);
    CHECK(a.accuracy == b.accuracy);
    CHECK(a.mean_iou == b.mean_iou);
  }
}

TEST_CASE("a run that stops within an epoch goes on with the labels that it had counted") {
  const Pets pets;
  const auto whole = Trainer(pets.model(), as_keras(pets.folder.path / "whole")).run();
  int steps = 0;
  auto options = as_keras(pets.folder.path / "stopped");
  options.stop_requested = [&] { return ++steps > 2; };
  CHECK(Trainer(pets.model(), options).run().interrupted);
  auto resumed = quietly({});
  resumed.resume = pets.folder.path / "stopped";
  resumed.random_weights = true;
  const auto rest = Trainer(pets.model(), resumed).run();
  REQUIRE(rest.history.size() == whole.history.size());
  CHECK(rest.history[0].heads[0].second.accuracy == whole.history[0].heads[0].second.accuracy);
  CHECK(same_bits(last_of(rest.folder), last_of(whole.folder)));
}

TEST_CASE("compare says what padding as a class and mixed labels did to a score") {
  const Pets pets;
  Trainer(pets.model(), as_keras(pets.folder.path / "a")).run();
  Trainer(pets.model({"data.resize.padding=ignore", "data.resize.labels=nearest",
                      "data.classes=[\"pet\", \"background\", \"border\"]", "data.label_values=[1, 2, 3]"}),
          as_keras(pets.folder.path / "b"))
      .run();
  const auto comparison = compare_runs(pets.folder.path / "a", pets.folder.path / "b");
  const auto& terms = comparison.heads.at(0).terms;
  const auto has = [&](const std::string& cause) {
    return std::any_of(terms.begin(), terms.end(), [&](const IouTerm& term) { return term.cause == cause; });
  };
  CHECK(has("fractional labels"));
  CHECK(has("padding class 'pad'"));
  const auto& settings = comparison.settings;
  CHECK(std::any_of(settings.begin(), settings.end(), [](const auto& s) { return s.key == "data.resize.labels"; }));
}

TEST_CASE("padding that is no class is a mistake with a place") {
  const Pets pets;
  CHECK_THROWS_WITH_AS(pets.model({"data.resize.padding=pat"}), doctest::Contains("no class"), GraphError);
}

}  // namespace
}  // namespace fcngraph::testing
