// SPDX-License-Identifier: Apache-2.0
// Samples as a well-known tutorial makes them: padded batches, mixed labels, half precision, whole batches shuffled.
#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include <fcngraph/engine/error.h>

#include "data/batch_loader.h"
#include "data/formats/codecs.h"
#include "data/padded_batches.h"
#include "data/placement.h"
#include "temporary_folder.h"

using namespace fcngraph;
using namespace fcngraph::data;

namespace {

using Labels = std::vector<std::uint8_t>;

LabelMap row_of(const Labels& labels) { return {1, static_cast<std::int64_t>(labels.size()), labels}; }

Labels mixed(const Labels& row, std::int64_t width, bool half = false, bool flip = false) {
  Labels out(static_cast<std::size_t>(width));
  const Size file{1, static_cast<std::int64_t>(row.size())};
  place(dsl::ResizeMode::stretch, file, {1, width}).place_mixed(row_of(row), flip, out, kIgnore, half);
  return out;
}

// Sample i is (i + 1) x (10 - i), grey, with labels 1 and 3 in turns.
class Staircase final : public Dataset {
 public:
  explicit Staircase(std::int64_t count)
      : Dataset({.name = "staircase",
                 .classes = {"pad", "pet", "background", "border"},
                 .palette = {},
                 .ignore = {9},
                 .label_values = {}}),
        count_(count) {}
  std::int64_t size(Split split) const override { return split == Split::train ? count_ : 0; }
  std::string sample_name(Split, std::int64_t index) const override { return "s" + std::to_string(index); }
  FileSample read(Split split, std::int64_t index) const override {
    check_index(split, index);
    FileSample sample{make_image(index + 1, 10 - index), make_labels(index + 1, 10 - index, 1), "", ""};
    std::fill(sample.image.pixels.begin(), sample.image.pixels.end(), std::uint8_t{100});
    for (std::size_t i = 1; i < sample.labels.labels.size(); i += 2) sample.labels.labels[i] = 3;
    sample.labels.labels[0] = 9;
    return sample;
  }

 private:
  std::int64_t count_;
};

}  // namespace

TEST_CASE("mixed labels are what TensorFlow 2 makes of a mask, cut off and marked") {
  // 1, 1.5, 2.5, 3: between pet and border lies a background that nobody drew.
  CHECK(mixed({1, 3}, 4) == Labels{1, 1 + kMixed, 2 + kMixed, 3});
  CHECK(mixed({1, 3}, 4, false, true) == Labels{3, 2 + kMixed, 1 + kMixed, 1});
  CHECK(mixed({2, 2}, 4) == Labels{2, 2, 2, 2});
  // 1 and 3 in equal parts are a whole number again, and nobody can tell.
  CHECK(mixed({1, 3}, 1) == Labels{2});
  CHECK(mixed({1, kIgnore}, 4) == Labels{1, kIgnore, kIgnore, kIgnore});
  // A letterbox leaves rows above and below.
  Labels out(12);
  place(dsl::ResizeMode::letterbox, {1, 2}, {3, 4}).place_mixed(row_of({1, 3}), false, out, 0);
  CHECK(std::count(out.begin(), out.end(), 0) == 4);
}

TEST_CASE("binary16 rounds a label that is almost whole") {
  constexpr std::int64_t kWidth = 10000;
  const auto exact = mixed({1, 2}, kWidth), half = mixed({1, 2}, kWidth, true);
  const std::size_t at = 7498;  // 1 + 7498.5 / 5000 - 0.5 = 1.9997; the nearest of binary16 are 1.99902 and 2
  CHECK(exact[at] == 1 + kMixed);
  CHECK(half[at] == 2);
  CHECK(std::count_if(half.begin(), half.end(), [](auto l) { return l >= kMixed; }) <
        std::count_if(exact.begin(), exact.end(), [](auto l) { return l >= kMixed; }));
}

TEST_CASE("binary16 preprocessing has the constants of binary16") {
  const std::vector<float> black(3), odd{100.7F, 0, 0};
  std::vector<float> out(3);
  preprocess_row(Preprocess::caffe, black.data(), 1, out.data(), 1, true);
  CHECK(out == std::vector<float>{-103.9375F, -116.75F, -123.6875F});
  preprocess_row(Preprocess::caffe, black.data(), 1, out.data(), 1);
  CHECK(out == std::vector<float>{-103.939F, -116.779F, -123.68F});
  preprocess_row(Preprocess::none, odd.data(), 1, out.data(), 1, true);
  CHECK(out[0] == 100.6875F);
}

TEST_CASE("a batch is padded to its largest, and the rest is a batch of its own") {
  const auto data = pad_batches(std::make_unique<Staircase>(5), 2, 0);
  // 1x10 and 2x9, 3x8 and 4x7, 5x6.
  const std::vector<ImageSize> sizes{{2, 10}, {2, 10}, {4, 8}, {4, 8}, {5, 6}};
  for (std::int64_t i = 0; i < 5; ++i) {
    const auto expected = sizes[static_cast<std::size_t>(i)];
    CHECK(data->image_size(Split::train, i) == expected);
    const Sample sample = data->load(Split::train, i);
    CHECK(ImageSize{sample.image.height, sample.image.width} == expected);
    CHECK(ImageSize{sample.labels.height, sample.labels.width} == expected);
  }
  const Sample sample = data->load(Split::train, 1);
  CHECK(*sample.image.at(1, 8) == 100);
  CHECK(*sample.image.at(1, 9) == 0);
  CHECK(sample.labels.at(0, 0) == kIgnore);
  CHECK(sample.labels.at(1, 0) == 3);
  CHECK(sample.labels.at(1, 9) == 0);
  CHECK(data->load(Split::train, 0).labels.at(1, 0) == 0);
  CHECK(data->classes().size() == 4);
  CHECK_THROWS_AS(data->image_size(Split::train, 5), GraphError);
}

TEST_CASE("a padded sample is known by what it was padded to, and with what") {
  const auto key = [](std::int64_t count, std::int64_t batch, std::uint8_t label, std::int64_t index) {
    return pad_batches(std::make_unique<Staircase>(count), batch, label)->key(Split::train, index);
  };
  CHECK(key(5, 2, 0, 2) == key(4, 2, 0, 2));
  CHECK(key(5, 2, 0, 2).image != key(5, 3, 0, 2).image);
  CHECK(key(5, 2, 0, 2).image == key(5, 2, kIgnore, 2).image);
  CHECK(key(5, 2, 0, 2).labels != key(5, 2, kIgnore, 2).labels);
}

TEST_CASE("whole batches are shuffled, the one that is not full among them") {
  const Staircase data(10);
  BatchLoaderOptions options{.batch = 4, .height = 2, .width = 2, .shuffle = true, .whole_batches = true, .seed = 1};
  BatchLoader loader(data, options);
  std::set<std::vector<std::int64_t>> orders;
  for (std::int64_t epoch = 0; epoch < 12; ++epoch) {
    std::vector<std::int64_t> firsts;
    for (std::int64_t b = 0; b < 3; ++b) {
      const Batch& batch = loader.next();
      CHECK(batch.epoch == epoch);
      const std::int64_t first = batch.samples[0];
      CHECK(batch.valid == (first == 8 ? 2 : 4));
      for (std::int64_t i = 0; i < 4; ++i)
        CHECK(batch.samples[static_cast<std::size_t>(i)] == (i < batch.valid ? first + i : -1));
      firsts.push_back(first);
    }
    orders.insert(firsts);
    std::sort(firsts.begin(), firsts.end());
    CHECK(firsts == std::vector<std::int64_t>{0, 4, 8});
  }
  CHECK(orders.size() > 2);
  options.shuffle = false;
  BatchLoader plain(data, options);
  CHECK(plain.next().samples[0] == 0);
  CHECK(plain.next().samples[0] == 4);
}

TEST_CASE("a loader hands over classes, and where they are mixed") {
  const auto data = pad_batches(std::make_unique<Staircase>(3), 2, 0);
  BatchLoaderOptions options{.batch = 2,
                             .height = 7,
                             .width = 7,
                             .resize = dsl::ResizeMode::stretch,
                             .preprocess = Preprocess::none,
                             .mixed_labels = true,
                             .padding = 0};
  BatchLoader loader(*data, options);
  for (int b = 0; b < 2; ++b) {
    const Batch& batch = loader.next();
    REQUIRE(batch.mixed.size() == batch.labels.size());
    CHECK(std::all_of(batch.labels.begin(), batch.labels.end(), [](auto l) { return l < 4 || l == kIgnore; }));
    CHECK(std::count(batch.mixed.begin(), batch.mixed.end(), 1) > 20);
    for (std::size_t i = 0; i < batch.labels.size(); ++i)
      CHECK_FALSE((batch.mixed[i] != 0 && batch.labels[i] == kIgnore));
    if (b == 1) CHECK(std::count(batch.mixed.begin() + 49, batch.mixed.end(), 1) == 0);
  }
  options.mixed_labels = false;
  BatchLoader plain(*data, options);
  CHECK(plain.next().mixed.empty());
}

TEST_CASE("the size of an image is read off its header") {
  const TemporaryFolder folder;
  const Image image = make_image(13, 29);
  const auto jpeg = encode_jpeg(image, 90), png = encode_png(image);
  std::string bmp(54, '\0');
  bmp[0] = 'B', bmp[1] = 'M', bmp[10] = 54, bmp[14] = 40, bmp[18] = 29, bmp[26] = 1, bmp[28] = 24;
  bmp[22] = static_cast<char>(-13), bmp[23] = bmp[24] = bmp[25] = static_cast<char>(-1);
  folder.put("a.jpg", std::string(jpeg.begin(), jpeg.end()));
  folder.put("a.png", std::string(png.begin(), png.end()));
  folder.put("a.bmp", bmp);
  folder.put("a.txt", "text");
  for (const char* name : {"a.jpg", "a.png", "a.bmp"}) {
    CAPTURE(name);
    CHECK(size_of_image(folder / name) == ImageSize{13, 29});
  }
  CHECK_THROWS_AS(size_of_image(folder / "a.txt"), IoError);
  CHECK_THROWS_AS(size_of_image(folder / "none.png"), IoError);
  folder.put("short.jpg", std::string(jpeg.begin(), jpeg.begin() + 20));
  CHECK_THROWS_AS(size_of_image(folder / "short.jpg"), IoError);
}
