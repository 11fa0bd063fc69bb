// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include <fcngraph/dataset.h>
#include <fcngraph/dsl/data_spec.h>

#include "temporary_folder.h"

using namespace fcngraph;

TEST_CASE("a synthetic picture is a pure function of seed, split and index") {
  SyntheticOptions options{.images = 4, .val_images = 4, .height = 60, .width = 80, .classes = {}};
  const auto a = make_synthetic(options), b = make_synthetic(options);
  CHECK(a->load(Split::train, 2).image.pixels == b->load(Split::train, 2).image.pixels);
  CHECK(a->load(Split::train, 2).labels.labels == b->load(Split::train, 2).labels.labels);
  CHECK(a->load(Split::train, 2).image.pixels != a->load(Split::train, 3).image.pixels);
  CHECK(a->load(Split::train, 2).image.pixels != a->load(Split::val, 2).image.pixels);
  options.images = 400;  // how many there are changes none of them
  CHECK(make_synthetic(options)->load(Split::train, 2).image.pixels == a->load(Split::train, 2).image.pixels);
  options.seed = 1;
  CHECK(make_synthetic(options)->load(Split::train, 2).image.pixels != a->load(Split::train, 2).image.pixels);
  CHECK(a->size(Split::train) == 4);
  CHECK(a->size(Split::test) == 0);
  CHECK(a->sample_name(Split::val, 3) == "val-00003");
  CHECK_THROWS_AS(a->load(Split::train, 4), GraphError);
  CHECK_THROWS_AS(a->load(Split::train, -1), GraphError);
  CHECK_THROWS_AS(a->load(Split::test, 0), GraphError);
}

TEST_CASE("synthetic pictures come in any size and number of classes") {
  for (const std::int64_t size : {1, 2, 31, 32, 33}) {
    for (const std::int64_t classes : {2, 4, 5, 21, 200}) {
      const auto data =
          make_synthetic({.images = 2, .height = size, .width = size + 1, .num_classes = classes, .classes = {}});
      const auto sample = data->load(Split::train, 1);
      CHECK(sample.image.height == size);
      CHECK(sample.labels.width == size + 1);
      CHECK(static_cast<std::int64_t>(data->classes().size()) == classes);
      CHECK(data->palette().size() == data->classes().size());
      CHECK(std::set<std::string>(data->classes().begin(), data->classes().end()).size() == data->classes().size());
      for (const auto label : sample.labels.labels) CHECK((label < classes || label == kIgnore));
    }
  }
}

TEST_CASE("every class occurs, and the ignored rim is thin") {
  const auto data = make_synthetic({.images = 12, .classes = {}});
  std::array<std::int64_t, 256> counts{};
  int solid_places = 0;
  for (std::int64_t i = 0; i < 12; ++i) {
    const auto labels = data->load(Split::train, i).labels;
    for (std::size_t p = 0; p < labels.labels.size(); ++p) ++counts[labels.labels[p]];
    // A run of ignored pixels along a row is a rim crossed at a slant, or two rims that meet: never a region.
    for (std::int64_t y = 1; y + 1 < labels.height; ++y) {
      for (std::int64_t x = 5; x + 5 < labels.width; ++x) {
        bool solid = true;
        for (int d = -5; d <= 5 && solid; ++d)
          solid = labels.at(y, x + d) == kIgnore && labels.at(std::clamp<std::int64_t>(y + d, 0, 223), x) == kIgnore;
        solid_places += solid ? 1 : 0;
      }
    }
  }
  CHECK(solid_places == 0);
  const double total = 12.0 * 224 * 224;
  for (std::size_t c = 0; c < 4; ++c) CHECK(static_cast<double>(counts[c]) > 0.03 * total);
  CHECK(static_cast<double>(counts[0]) < 0.8 * total);
  CHECK(static_cast<double>(counts[kIgnore]) > 0);
  CHECK(static_cast<double>(counts[kIgnore]) < 0.06 * total);
  const auto bare = make_synthetic({.images = 1, .rim = 0, .classes = {}})->load(Split::train, 0);
  CHECK(std::count(bare.labels.labels.begin(), bare.labels.labels.end(), kIgnore) == 0);
}

TEST_CASE("colour alone does not solve the synthetic data") {
  const auto data = make_synthetic({.images = 24, .val_images = 24, .classes = {}});
  const auto baseline = color_baseline(*data);
  MESSAGE("mean IoU of the colour classifier: ", baseline.mean_iou);
  CHECK(baseline.mean_iou <= 0.60);
  CHECK(baseline.mean_iou >= 0.35);  // colour tells something: a classifier that never learns would stay at 0.2
  REQUIRE(baseline.iou.size() == 4);
  std::int64_t pixels = 0;
  for (const auto n : baseline.confusion) pixels += n;
  CHECK(pixels > 24 * 224 * 224 * 9 / 10);
}

TEST_CASE("colour solves a data set in which it tells all") {
  const auto data = make_synthetic({.images = 4, .val_images = 2, .num_classes = 2, .jitter = 0, .classes = {}});
  CHECK(color_baseline(*data).mean_iou > 0.8);
  CHECK(color_baseline(*data, Split::test).mean_iou > 0.8);  // no such pictures: measured on the training split
}

TEST_CASE("synthetic options out of range are all named at once") {
  dsl::DataSpec spec;
  spec.size = 0;
  spec.num_classes = 1;
  spec.rim = 3;
  spec.jitter = 256;
  spec.images = -1;
  const auto message = message_of([&] { open_dataset(spec); });
  for (const auto* part : {"E0404", "'size'", "'num_classes' is out of range, expected 2 to 200, got 1", "'rim'",
                           "'jitter'", "'images'"}) {
    CAPTURE(part);
    CHECK(says(message, part));
  }
  CHECK(says(message_of([] { make_synthetic({.num_classes = 201, .classes = {}}); }), "num_classes"));
}

TEST_CASE("the description of synthetic data is followed") {
  dsl::DataSpec spec;
  spec.images = 3;
  spec.val_images = 2;
  spec.test_images = 1;
  spec.size = 48;
  spec.classes = {"ground", "thing", "other"};
  spec.palette = "inferno";
  const auto data = open_dataset(spec);
  CHECK(data->name() == "synthetic");
  CHECK(data->classes() == spec.classes);
  CHECK(data->palette() == inferno_palette(3));
  CHECK(data->size(Split::train) == 3);
  CHECK(data->size(Split::val) == 2);
  CHECK(data->size(Split::test) == 1);
  CHECK(data->load(Split::test, 0).image.height == 48);
}
