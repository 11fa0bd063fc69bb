// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "data/formats/file_bytes.h"
#include "data/kinds/file_pairs.h"
#include "data/kinds/kinds.h"
#include "md5.h"

namespace fcngraph::data {
namespace {

// A line of the list files: "Abyssinian_100 1 1 1", the name and three numbers that say species and breed.
FilePairs list_pairs(const std::string& root, const std::string& list) {
  FilePairs pairs;
  for (const auto& line : read_lines(below(root, "annotations/" + list))) {
    const auto name = line.substr(0, line.find_first_of(" \t"));
    pairs.push_back(
        {name, below(root, "images/" + name + ".jpg"), below(root, "annotations/trimaps/" + name + ".png")});
  }
  return pairs;
}

// TensorFlow Datasets orders a split's records by the 128-bit number md5(split name + key), its key being the image's
// name.
void sort_as_tfds(FilePairs& pairs, const std::string& salt) {
  using Keyed = std::pair<std::array<std::uint8_t, 16>, FilePair>;
  std::vector<Keyed> keyed;
  for (auto& pair : pairs) {
    const auto hash = md5(salt + pair.name + ".jpg");
    keyed.emplace_back(hash, std::move(pair));
  }
  std::sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) {
    return a.first != b.first ? a.first < b.first : a.second.name < b.second.name;
  });
  std::transform(keyed.begin(), keyed.end(), pairs.begin(), [](Keyed& k) { return std::move(k.second); });
}

}  // namespace

std::vector<std::string> pets_classes() { return {"pet", "background", "border"}; }

std::unique_ptr<Dataset> open_pets(const dsl::DataSpec& spec, Diagnostics& diagnostics) {
  if (!(spec.val_share >= 0 && spec.val_share < 1)) {
    diagnostics.error("E0404", spec.span, "val_share is out of range, expected 0 to below 1");
    return nullptr;
  }
  require_folder(spec.root);
  auto train = list_pairs(spec.root, "trainval.txt");
  auto test = list_pairs(spec.root, "test.txt");
  FilePairs val;
  if (spec.order == dsl::SampleOrder::tfds) {
    sort_as_tfds(train, "train");
    sort_as_tfds(test, "test");
    const auto kept = std::llround(static_cast<double>(train.size()) * (1 - spec.val_share));  // "train[:85%]"
    val.assign(std::make_move_iterator(train.begin() + kept), std::make_move_iterator(train.end()));
    train.resize(static_cast<std::size_t>(kept));
  } else {
    val = split_off(train, spec.val_share, spec.seed);
  }
  auto info = info_of(
      spec,
      {.name = "pets", .classes = pets_classes(), .palette = pets_palette(), .ignore = {}, .label_values = {1, 2, 3}});
  return make_file_dataset(std::move(info), colors_of(spec), {std::move(train), std::move(val), std::move(test)});
}

}  // namespace fcngraph::data
