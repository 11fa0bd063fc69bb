// SPDX-License-Identifier: Apache-2.0
// Images decoded at a fraction of their size: where their pixels lie, and that labels know nothing of it.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <doctest/doctest.h>

#include <fcngraph/dsl/data_spec.h>
#include <fcngraph/engine/error.h>

#include "atomic_file.h"
#include "data/batch_loader.h"
#include "data/formats/codecs.h"
#include "data/placement.h"
#include "pictures.h"
#include "temporary_folder.h"

using namespace fcngraph;
using namespace fcngraph::data;
using dsl::ResizeMode;

namespace {

/// Red grows to the right, green downwards: a pixel says where it is.
Image ramps(std::int64_t height, std::int64_t width) {
  auto image = make_image(height, width);
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      image.at(y, x)[0] = static_cast<std::uint8_t>(255 * x / width);
      image.at(y, x)[1] = static_cast<std::uint8_t>(255 * y / height);
      image.at(y, x)[2] = 90;
    }
  }
  return image;
}

std::string write_jpeg(const TemporaryFolder& folder, const std::string& name, const Image& image) {
  const auto bytes = encode_jpeg(image, 98);
  write_file(folder / name, std::as_bytes(std::span(bytes)));
  return folder / name;
}

Image load_at(const std::string& path, std::int64_t reduction) {
  return load_image(path, [&](ImageSize) { return reduction; });
}

std::vector<float> placed(const Placement& p, const Image& image) {
  std::vector<float> planes(static_cast<std::size_t>(3 * p.network.height * p.network.width));
  p.place(image, Preprocess::none, false, planes);
  return planes;
}

/// A pixel of a network is six levels wide: half a reduced one further on all would be off by one to three, which shows in the mean.
void check_same_places(const std::vector<float>& got, const std::vector<float>& want) {
  REQUIRE(got.size() == want.size());
  const std::size_t plane = want.size() / 3;
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0, worst = 0;
    for (std::size_t i = c * plane; i < (c + 1) * plane; ++i) {
      const double difference = static_cast<double>(got[i]) - static_cast<double>(want[i]);
      sum += difference;
      worst = std::max(worst, std::abs(difference));
    }
    CHECK(std::abs(sum) < 0.4 * static_cast<double>(plane));
    CHECK(worst < 4);
  }
}

}  // namespace

TEST_CASE("a JPEG is decoded at a half, a quarter or an eighth, and remembers its size") {
  const TemporaryFolder folder;
  const auto path = write_jpeg(folder, "a.jpg", ramps(61, 131));
  for (const std::int64_t reduction : {1, 2, 4, 8}) {
    ImageSize asked;
    const Image image = load_image(path, [&](ImageSize file) {
      asked = file;
      return reduction;
    });
    CHECK(asked == ImageSize{61, 131});
    CHECK(image.reduction == reduction);
    CHECK(image.file_size() == asked);
    CHECK(image.height == (61 + reduction - 1) / reduction);
    CHECK(image.width == (131 + reduction - 1) / reduction);
    CHECK(image.pixels.size() == static_cast<std::size_t>(3 * image.height * image.width));
  }
  CHECK(load_at(path, 1).pixels == load_image(path).pixels);
  for (const std::int64_t reduction : {0, 3, 16, -2}) CHECK_THROWS_AS(load_at(path, reduction), GraphError);
  save_image(folder / "a.png", ramps(20, 20));
  CHECK(load_at(folder / "a.png", 8).pixels == ramps(20, 20).pixels);
  CHECK(load_at(folder / "a.png", 8).reduction == 1);
}

TEST_CASE("the reduction is the largest that leaves two pixels for one of the network") {
  const Size network{224, 224};
  CHECK(reduction_for(ResizeMode::letterbox, {3000, 4000}, network) == 8);
  CHECK(reduction_for(ResizeMode::stretch, {3000, 4000}, network) == 4);
  CHECK(reduction_for(ResizeMode::letterbox, {375, 500}, network) == 1);
  CHECK(reduction_for(ResizeMode::letterbox, {895, 895}, network) == 1);
  CHECK(reduction_for(ResizeMode::letterbox, {896, 896}, network) == 2);
  CHECK(reduction_for(ResizeMode::crop, {800, 4000}, network) == 1);
  CHECK(reduction_for(ResizeMode::crop, {2000, 9000}, network) == 4);
  CHECK(reduction_for(ResizeMode::stretch, {100, 4000}, network) == 1);
  CHECK(reduction_for(ResizeMode::native, {3000, 4000}, network) == 1);
}

TEST_CASE("a reduced image shows a network the same places") {
  const TemporaryFolder folder;
  for (const Size file : {Size{400, 640}, Size{403, 645}, Size{1001, 487}}) {
    const auto path = write_jpeg(folder, "a.jpg", ramps(file.height, file.width));
    const Image whole = load_image(path);
    for (const auto mode : {ResizeMode::stretch, ResizeMode::letterbox, ResizeMode::crop}) {
      const auto p = place(mode, file, {48, 40});
      const auto want = placed(p, whole);
      for (const std::int64_t reduction : {2, 4, 8}) check_same_places(placed(p, load_at(path, reduction)), want);
    }
  }
}

TEST_CASE("a loader reduces images and not their labels") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "images");
  std::filesystem::create_directories(folder / "masks");
  for (int i = 0; i < 4; ++i) {
    const auto name = std::to_string(i);
    write_jpeg(folder, "images/" + name + ".jpg", ramps(200 + i, 300 - i));
    save_labels(folder / ("masks/" + name + ".png"), noise_labels(200 + i, 300 - i, 3, static_cast<std::uint64_t>(i)));
  }
  dsl::DataSpec spec;
  spec.kind = "folder";
  spec.root = folder / "";
  spec.classes = {"a", "b", "c"};
  spec.train = {.images = "images", .masks = "masks", .list = "", .span = {}};
  spec.val_share = 0;
  const auto dataset = open_dataset(spec);
  CHECK(dataset->load(Split::train, 0).image.reduction == 1);
  BatchLoaderOptions options{.batch = 4, .height = 32, .width = 40, .preprocess = Preprocess::none};
  BatchLoader plain(*dataset, options);
  options.reduce = true;
  BatchLoader reduced(*dataset, options);
  const Batch &a = plain.next(), &b = reduced.next();
  CHECK(a.labels == b.labels);
  CHECK(a.images != b.images);
  REQUIRE(a.images.size() == b.images.size());
  const std::size_t each = a.images.size() / 4;
  for (std::size_t n = 0; n < 4; ++n) {
    const auto image = [&](const Batch& batch) {
      return std::vector<float>(batch.images.begin() + static_cast<std::ptrdiff_t>(n * each),
                                batch.images.begin() + static_cast<std::ptrdiff_t>((n + 1) * each));
    };
    check_same_places(image(b), image(a));
  }
}
