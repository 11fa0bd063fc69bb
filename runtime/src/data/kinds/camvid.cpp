// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "data/formats/file_bytes.h"
#include "data/kinds/file_pairs.h"
#include "data/kinds/kinds.h"

namespace fcngraph::data {
namespace {

// `train.txt` holds names; images are `train/NAME.jpg` or `.png`, masks `trainannot/NAME.png`.
FilePairs list_split(const std::string& root, const std::string& split) {
  FilePairs pairs;
  const auto list = below(root, split + ".txt");
  if (split == "test" && !std::filesystem::exists(list)) return pairs;
  for (const auto& name : read_lines(list)) {
    const auto png = below(root, split + "/" + name + ".png");
    const auto image = std::filesystem::exists(png) ? png : below(root, split + "/" + name + ".jpg");
    pairs.push_back({name, image, below(root, split + "annot/" + name + ".png")});
  }
  return pairs;
}

}  // namespace

std::vector<std::string> camvid_classes() {
  return {"sky",  "building", "pole",    "road",       "sidewalk", "vegetation",
          "sign", "fence",    "vehicle", "pedestrian", "bicyclist"};
}

std::unique_ptr<Dataset> open_camvid(const dsl::DataSpec& spec, Diagnostics&) {
  require_folder(spec.root);
  auto info = info_of(
      spec,
      {.name = "camvid", .classes = camvid_classes(), .palette = camvid_palette(), .ignore = {11}, .label_values = {}});
  return make_file_dataset(
      std::move(info), colors_of(spec),
      {list_split(spec.root, "train"), list_split(spec.root, "val"), list_split(spec.root, "test")});
}

}  // namespace fcngraph::data
