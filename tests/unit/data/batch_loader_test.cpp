// SPDX-License-Identifier: Apache-2.0
#include "data/batch_loader.h"

#include <algorithm>
#include <stdexcept>
#include <thread>

#include <doctest/doctest.h>

#include "temporary_folder.h"

using namespace fcngraph;
using namespace fcngraph::data;

namespace {

// Pictures of one grey level each, which is the index; every seventh takes a while, one may fail.
class Numbered final : public Dataset {
 public:
  explicit Numbered(std::int64_t count, std::int64_t broken = -1)
      : Dataset({.name = "numbered", .classes = {"a", "b"}, .palette = {}, .ignore = {}, .label_values = {}}),
        count_(count),
        broken_(broken) {}
  std::int64_t size(Split split) const override { return split == Split::train ? count_ : 0; }
  std::string sample_name(Split, std::int64_t index) const override { return "n" + std::to_string(index); }
  FileSample read(Split, std::int64_t index) const override {
    if (index % 7 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (index == broken_) throw std::runtime_error("out of paint");
    FileSample sample{make_image(2, 4), make_labels(2, 4), sample_name(Split::train, index), ""};
    std::fill(sample.image.pixels.begin(), sample.image.pixels.end(), static_cast<std::uint8_t>(index));
    sample.labels.labels = {1, 0, 0, 0, 1, 0, 0, 0};
    sample.image.decoder_warnings = index % 5 == 0 ? 3 : 0;
    return sample;
  }

 private:
  std::int64_t count_, broken_;
};

BatchLoaderOptions options_for(std::int64_t threads) {
  return {.batch = 4,
          .height = 2,
          .width = 4,
          .resize = dsl::ResizeMode::stretch,
          .preprocess = Preprocess::none,
          .shuffle = true,
          .flip = true,
          .seed = 3,
          .threads = threads};
}

// Everything that `count` batches hold, as one sequence.
std::vector<float> contents(BatchLoader& loader, int count) {
  std::vector<float> all;
  for (int i = 0; i < count; ++i) {
    const Batch& batch = loader.next();
    all.push_back(static_cast<float>(batch.epoch));
    all.push_back(static_cast<float>(batch.index));
    all.push_back(static_cast<float>(batch.valid));
    all.insert(all.end(), batch.images.begin(), batch.images.end());
    all.insert(all.end(), batch.labels.begin(), batch.labels.end());
    all.insert(all.end(), batch.samples.begin(), batch.samples.end());
  }
  return all;
}

}  // namespace

TEST_CASE("batches are the same for any number of threads and any depth") {
  const Numbered data(30);
  BatchLoader one(data, options_for(1));
  const auto expected = contents(one, 20);
  for (const std::int64_t threads : {2, 3, 8}) {
    auto options = options_for(threads);
    options.ahead = threads == 3 ? 1 : 5;
    BatchLoader loader(data, options);
    CHECK(contents(loader, 20) == expected);
  }
}

TEST_CASE("an epoch visits every sample once, in an order of its own") {
  const Numbered data(30);
  BatchLoader loader(data, options_for(2));
  CHECK(loader.batches_per_epoch() == 8);
  std::vector<std::vector<std::int64_t>> epochs(2);
  for (int i = 0; i < 16; ++i) {
    const Batch& batch = loader.next();
    CHECK(batch.epoch == i / 8);
    CHECK(batch.index == i % 8);
    CHECK(batch.valid == (batch.index == 7 ? 2 : 4));
    for (std::int64_t s = 0; s < batch.valid; ++s) {
      const auto at = static_cast<std::size_t>(s);
      epochs[static_cast<std::size_t>(batch.epoch)].push_back(batch.samples[at]);
      CHECK(batch.images[at * 24] == static_cast<float>(batch.samples[at]));
      const std::vector<std::uint8_t> row(batch.labels.begin() + s * 8, batch.labels.begin() + s * 8 + 4);
      CHECK(row == (batch.flipped[at] ? std::vector<std::uint8_t>{0, 0, 0, 1} : std::vector<std::uint8_t>{1, 0, 0, 0}));
    }
  }
  CHECK(epochs[0] == BatchLoader::epoch_order(30, true, 3, 0));
  CHECK(epochs[1] == BatchLoader::epoch_order(30, true, 3, 1));
  CHECK(epochs[0] != epochs[1]);
  std::sort(epochs[0].begin(), epochs[0].end());
  CHECK(epochs[0] == BatchLoader::epoch_order(30, false, 3, 0));
  CHECK(loader.damaged_samples() == 6);  // once each, in whatever number of epochs
  CHECK(loader.seconds_waited() > 0);
}

TEST_CASE("the last batch is filled up with zeros and ignored labels") {
  const Numbered data(5);
  auto options = options_for(2);
  options.preprocess = Preprocess::caffe;
  BatchLoader loader(data, options);
  loader.next();
  const Batch& last = loader.next();
  CHECK(last.valid == 1);
  CHECK(last.samples[1] == -1);
  CHECK(std::all_of(last.images.begin() + 24, last.images.end(), [](float v) { return v == 0; }));
  CHECK(std::all_of(last.labels.begin() + 8, last.labels.end(), [](std::uint8_t v) { return v == kIgnore; }));
  CHECK(last.images[0] != 0);
}

TEST_CASE("a loader resumes anywhere") {
  const Numbered data(30);
  BatchLoader whole(data, options_for(2));
  contents(whole, 11);
  const auto expected = contents(whole, 6);
  BatchLoader resumed(data, options_for(3));
  resumed.start(1, 3);
  CHECK(contents(resumed, 6) == expected);
  resumed.start(1, 3);  // and back again
  CHECK(contents(resumed, 6) == expected);
  resumed.start(0, 8);  // the end of an epoch is the beginning of the next
  CHECK(resumed.next().epoch == 1);
  CHECK_THROWS_AS(resumed.start(-1, 0), GraphError);
  CHECK_THROWS_AS(resumed.start(0, 9), GraphError);
}

TEST_CASE("what goes wrong in a thread reaches the consumer with the file's name") {
  const Numbered data(30, 13);
  auto options = options_for(4);
  options.shuffle = false;
  BatchLoader loader(data, options);
  for (int i = 0; i < 3; ++i) loader.next();
  CHECK(message_of([&] { loader.next(); }) == "n13: out of paint");
  CHECK(message_of([&] { loader.next(); }) == "n13: out of paint");
  loader.start(0, 4);
  CHECK(loader.next().index == 4);
}

TEST_CASE("a loader may be dropped at any time") {
  const Numbered data(30);
  for (int taken = 0; taken < 12; ++taken) {
    BatchLoader loader(data, options_for(1 + taken % 4));
    for (int i = 0; i < taken; ++i) loader.next();
  }
  BatchLoader never(data, options_for(2));
  never.start(0);
}

TEST_CASE("a loader without samples or with senseless options is refused") {
  const Numbered data(3);
  auto options = options_for(1);
  options.split = Split::val;
  CHECK(message_of([&] { BatchLoader(data, options); }) == "data set 'numbered' has no samples in split 'val'");
  options = options_for(1);
  options.batch = 0;
  CHECK(says(message_of([&] { BatchLoader(data, options); }), "batch is out of range"));
  options = options_for(1);
  options.height = INT64_MAX / 4;
  CHECK_THROWS_AS(BatchLoader(data, options), GraphError);
  options = options_for(0);
  CHECK_THROWS_AS(BatchLoader(data, options), GraphError);
  options = options_for(1);
  options.limit = 2;
  CHECK(BatchLoader(data, options).samples() == 2);
}

namespace {

// Knows the samples of even index, and their labels; of the others it is given the labels.
class Even final : public SampleCache {
 public:
  std::shared_ptr<const fcngraph::KeptSample> find(std::int64_t index, bool) override {
    return index % 2 == 0 ? std::shared_ptr<const fcngraph::KeptSample>(std::shared_ptr<int>(), kSomething) : nullptr;
  }
  bool read_labels(std::int64_t index, bool, std::span<std::uint8_t> labels) override {
    if (index % 2 == 0) std::fill(labels.begin(), labels.end(), std::uint8_t{1});
    return index % 2 == 0;
  }
  void keep_labels(std::int64_t index, bool, std::span<const std::uint8_t> labels) override {
    CHECK(index % 2 == 1);
    CHECK(labels.size() == 8);
  }

 private:
  static inline const auto* const kSomething = reinterpret_cast<const fcngraph::KeptSample*>(&kIgnore);
};

}  // namespace

TEST_CASE("what a cache has is not decoded") {
  const Numbered data(10, 4);  // sample 4 cannot be read
  Even cache;
  auto options = options_for(2);
  options.cache = &cache;
  BatchLoader loader(data, options);
  for (std::int64_t b = 0; b < loader.batches_per_epoch(); ++b) {
    const auto& batch = loader.next();
    for (std::int64_t i = 0; i < batch.valid; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const bool even = batch.samples[at] % 2 == 0;
      CHECK((batch.kept[at] != nullptr) == even);
      if (even) CHECK(batch.labels[at * 8 + 1] == 1);
      if (!even) CHECK(batch.images[at * 24] == static_cast<float>(batch.samples[at]));
    }
  }
}
