// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <doctest/doctest.h>

#include <fcngraph/dataset.h>
#include <fcngraph/dsl/data_spec.h>

#include "pictures.h"
#include "temporary_folder.h"

using namespace fcngraph;

TEST_CASE("a check counts values and names file, pixel and value of every problem") {
  const TemporaryFolder folder;
  synthesize_dataset("camvid", folder.path(), {.train = 5, .val = 2, .height = 24, .width = 32});
  dsl::DataSpec spec;
  spec.kind = "camvid";
  spec.root = folder.path();
  const auto data = open_dataset(spec);
  const auto clean = check_dataset(*data);
  CHECK(clean.ok());
  REQUIRE(clean.splits.size() == 3);
  CHECK(clean.splits[0].samples == 5);
  CHECK(clean.splits[0].readable == 5);
  CHECK(clean.splits[1].samples == 2);
  CHECK(clean.splits[2].samples == 0);
  std::int64_t pixels = 0, classes = clean.splits[0].ignored_pixels;
  for (const auto n : clean.splits[0].values) pixels += n;
  for (const auto n : clean.splits[0].class_pixels) classes += n;
  CHECK(pixels == 5 * 24 * 32);
  CHECK(classes == pixels);
  CHECK(clean.splits[0].values[11] == clean.splits[0].ignored_pixels);
  CHECK(clean.splits[0].min_width == 32);
  CHECK(clean.splits[0].max_height == 24);

  auto labels = make_labels(24, 32, 3);
  labels.labels[32 * 7 + 4] = labels.labels[32 * 9 + 1] = 99;
  labels.labels[32 * 2 + 30] = 12;
  save_labels(folder / "trainannot/synth_00001.png", labels);
  folder.put("train/synth_00002.jpg", "");
  save_labels(folder / "trainannot/synth_00003.png", make_labels(24, 31));
  std::filesystem::remove(folder / "valannot/synth_00001.png");
  const auto report = check_dataset(*data);
  REQUIRE(report.problems.size() == 5);
  CHECK(report.splits[0].readable == 4);
  CHECK(report.splits[0].values[99] == 2);
  CHECK(report.splits[1].readable == 1);
  const auto& twelve = report.problems[0];
  CHECK(twelve.split == Split::train);
  CHECK(twelve.index == 1);
  CHECK(twelve.x == 30);
  CHECK(twelve.y == 2);
  CHECK(twelve.value == 12);
  CHECK(report.problems[1].message ==
        folder / "trainannot/synth_00001.png" +
            ": pixel (4, 7) has label value 99, which is neither one of the 11 classes nor ignored (2 such pixels)");
  CHECK(says(report.problems[2].message, "got an empty file"));
  CHECK(says(report.problems[3].message, "mask is 31x24"));
  CHECK(report.problems[4].file == folder / "valannot/synth_00001.png");
  CHECK(says(report.problems[4].message, "no such file"));
}
