// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

#include <fcngraph/dataset.h>
#include <fcngraph/dsl/data_spec.h>

#include "golden.h"
#include "skip.h"

using namespace fcngraph;

TEST_CASE("CamVid itself is read without a problem") {
  const char* place = std::getenv("FCNGRAPH_CAMVID");
  const auto root = place != nullptr ? std::filesystem::path(place) : testing::source_dir() / ".." / "shared" / "data" / "camvid";
  if (!std::filesystem::exists(root / "train.txt")) return testing::skip("no CamVid in " + root.string() + " (FCNGRAPH_CAMVID)");
  dsl::DataSpec spec;
  spec.kind = "camvid";
  spec.root = root.string();
  const auto data = open_dataset(spec);
  CHECK(data->size(Split::train) == 367);
  CHECK(data->size(Split::val) == 101);
  CHECK(data->size(Split::test) == 0);
  for (const Split split : {Split::train, Split::val}) {
    for (const std::int64_t index : {std::int64_t{0}, data->size(split) - 1}) {
      const auto sample = data->load(split, index);
      CHECK(sample.image.height == 360);
      CHECK(sample.image.width == 480);
      CHECK(sample.image.decoder_warnings == 0);
      for (const auto label : sample.labels.labels) REQUIRE((label < 11 || label == kIgnore));
    }
  }
}
