// SPDX-License-Identifier: Apache-2.0
#include "data/kinds/file_pairs.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/random.h>

#include "data/formats/codecs.h"
#include "hash.h"
#include "mapped_file.h"

namespace fcngraph::data {
namespace {

class FileDataset final : public Dataset {
 public:
  FileDataset(DatasetInfo info, Palette colors, std::array<FilePairs, 3> splits)
      : Dataset(std::move(info)), colors_(std::move(colors)), splits_(std::move(splits)) {}

  std::int64_t size(Split split) const override { return static_cast<std::int64_t>(pairs(split).size()); }

  std::string sample_name(Split split, std::int64_t index) const override { return at(split, index).name; }

  FileSample read(Split split, std::int64_t index) const override { return read_reduced(split, index, {}); }

  FileSample read_reduced(Split split, std::int64_t index, const ReductionRule& rule) const override {
    const FilePair& pair = at(split, index);
    return {load_image(pair.image, rule), load_label_map(pair.mask, colors_), pair.image, pair.mask};
  }

  ImageSize image_size(Split split, std::int64_t index) const override { return size_of_image(at(split, index).image); }

 protected:
  // The bytes of the files, which no decoder has to look at.
  SampleKey content(Split split, std::int64_t index) const override {
    const FilePair& pair = at(split, index);
    const auto of_file = [](const std::string& path) { return content_hash(MappedFile(path).bytes()); };
    return {of_file(pair.image), random_key(content_hash(std::as_bytes(std::span(colors_))), of_file(pair.mask))};
  }

 private:
  const FilePairs& pairs(Split split) const { return splits_[static_cast<std::size_t>(split)]; }
  const FilePair& at(Split split, std::int64_t index) const {
    check_index(split, index);
    return pairs(split)[static_cast<std::size_t>(index)];
  }

  Palette colors_;
  std::array<FilePairs, 3> splits_;
};

}  // namespace

std::unique_ptr<Dataset> make_file_dataset(DatasetInfo info, Palette colors, std::array<FilePairs, 3> splits) {
  return std::make_unique<FileDataset>(std::move(info), std::move(colors), std::move(splits));
}

FilePairs split_off(FilePairs& train, double share, std::uint64_t seed) {
  const auto wanted = static_cast<std::size_t>(std::llround(static_cast<double>(train.size()) * share));
  std::vector<std::size_t> order(train.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto key = random_key(seed, "val_share");
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_below(key, i, i)]);
  std::vector<bool> chosen(train.size());
  for (std::size_t i = 0; i < std::min(wanted, order.size()); ++i) chosen[order[i]] = true;

  FilePairs rest, taken;
  for (std::size_t i = 0; i < train.size(); ++i) (chosen[i] ? taken : rest).push_back(std::move(train[i]));
  train = std::move(rest);
  return taken;
}

std::string below(const std::string& root, const std::string& path) {
  return (std::filesystem::path(root) / path).lexically_normal().string();
}

void require_folder(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) throw IoError(path, "no such folder");
  if (error) throw IoError(path, "cannot read: " + error.message());
  if (!std::filesystem::is_directory(status)) throw IoError(path, "expected a folder, got a file");
}

Palette colors_of(const dsl::DataSpec& spec) {
  Palette palette;
  for (const auto& color : spec.colors) palette.push_back({color.r, color.g, color.b});
  return palette;
}

DatasetInfo info_of(const dsl::DataSpec& spec, DatasetInfo defaults) {
  if (!spec.classes.empty() && spec.classes != defaults.classes) {
    defaults.classes = spec.classes;
    // What the kind ignores and how it colours goes with the kind's own classes.
    if (spec.classes.size() > defaults.palette.size()) defaults.palette.clear();
    std::erase_if(defaults.ignore, [&](std::int64_t value) {
      return defaults.label_values.empty() && value < static_cast<std::int64_t>(spec.classes.size());
    });
  }
  if (!spec.ignore.empty()) defaults.ignore = spec.ignore;
  if (!spec.label_values.empty()) defaults.label_values = spec.label_values;
  if (!spec.colors.empty()) {
    defaults.palette = colors_of(spec);
  } else if (!spec.palette.empty()) {
    defaults.palette = palette_by_name(spec.palette, static_cast<std::int64_t>(defaults.classes.size()));
  }
  return defaults;
}

}  // namespace fcngraph::data
