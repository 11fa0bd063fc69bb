// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/dataset.h>

#include <algorithm>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/random.h>

#include "hash.h"

namespace fcngraph {
namespace {

constexpr std::int16_t kUnknown = -1;

std::array<std::int16_t, 256> coding_of(const DatasetInfo& info) {
  if (info.classes.empty()) throw GraphError(fmt::format("data set '{}' has no classes", info.name));
  // Label 255 is kIgnore, so classes end at 254.
  if (info.classes.size() > kIgnore) {
    throw GraphError(
        fmt::format("data set '{}' has {} classes, expected at most {}", info.name, info.classes.size(), kIgnore));
  }
  if (!info.label_values.empty() && info.label_values.size() != info.classes.size()) {
    throw GraphError(fmt::format("data set '{}' has {} label values, expected one for each of its {} classes",
                                 info.name, info.label_values.size(), info.classes.size()));
  }
  std::array<std::int16_t, 256> coding;
  coding.fill(kUnknown);
  const auto assign = [&](std::int64_t value, std::int16_t meaning, const std::string& what) {
    if (value < 0 || value > 255) {
      throw GraphError(
          fmt::format("data set '{}' gives {} the label value {}, expected 0 to 255", info.name, what, value));
    }
    auto& slot = coding[static_cast<std::size_t>(value)];
    if (slot != kUnknown && slot != meaning) {
      throw GraphError(fmt::format(
          "data set '{}' gives {} the label value {}, which is {} already", info.name, what, value,
          slot == kIgnore ? "ignored" : fmt::format("class '{}'", info.classes[static_cast<std::size_t>(slot)])));
    }
    slot = meaning;
  };
  for (std::size_t i = 0; i < info.classes.size(); ++i) {
    const auto value = info.label_values.empty() ? static_cast<std::int64_t>(i) : info.label_values[i];
    assign(value, static_cast<std::int16_t>(i), fmt::format("class '{}'", info.classes[i]));
  }
  for (const auto value : info.ignore) assign(value, kIgnore, "what is ignored");
  return coding;
}

}  // namespace

std::string_view name_of(Split split) noexcept {
  switch (split) {
    case Split::train:
      return "train";
    case Split::val:
      return "val";
    case Split::test:
      break;
  }
  return "test";
}

Dataset::Dataset(DatasetInfo info) : info_(std::move(info)), coding_(coding_of(info_)) {
  if (info_.palette.empty()) info_.palette = default_palette(static_cast<std::int64_t>(info_.classes.size()));
  if (info_.palette.size() < info_.classes.size()) {
    throw GraphError(fmt::format("data set '{}' has {} colours, expected one for each of its {} classes", info_.name,
                                 info_.palette.size(), info_.classes.size()));
  }
  info_.palette.resize(info_.classes.size());
}

Dataset::~Dataset() = default;

void Dataset::check_index(Split split, std::int64_t index) const {
  const auto count = size(split);
  if (index < 0 || index >= count) {
    throw GraphError(fmt::format("data set '{}' has no sample {} in split '{}', which has {}", name(), index,
                                 name_of(split), count));
  }
}

ImageSize Dataset::image_size(Split split, std::int64_t index) const {
  const FileSample sample = read(split, index);
  return {sample.image.height, sample.image.width};
}

SampleKey Dataset::content(Split split, std::int64_t index) const {
  const FileSample sample = read(split, index);
  const auto key = [](const auto& picture, const std::vector<std::uint8_t>& values) {
    const auto size = random_key(static_cast<std::uint64_t>(picture.height), static_cast<std::uint64_t>(picture.width));
    return random_key(size, content_hash(std::as_bytes(std::span(values))));
  };
  return {key(sample.image, sample.image.pixels), key(sample.labels, sample.labels.labels)};
}

SampleKey Dataset::key(Split split, std::int64_t index) const {
  check_index(split, index);
  SampleKey key = content(split, index);
  key.labels = random_key(key.labels, content_hash(std::as_bytes(std::span(coding_))));
  return key;
}

FileSample Dataset::read_reduced(Split split, std::int64_t index, const ReductionRule&) const {
  return read(split, index);
}

Sample Dataset::load(Split split, std::int64_t index) const { return coded(read(split, index)); }

Sample Dataset::load_reduced(Split split, std::int64_t index, const ReductionRule& rule) const {
  return coded(read_reduced(split, index, rule));
}

Sample Dataset::coded(FileSample sample) const {
  const auto& map = sample.labels;
  const ImageSize image = sample.image.file_size();
  if (image != ImageSize{map.height, map.width}) {
    throw IoError(sample.labels_path, fmt::format("mask is {}x{}, but its image '{}' is {}x{}", map.width, map.height,
                                                  sample.image_path, image.width, image.height));
  }
  for (std::size_t i = 0; i < map.labels.size(); ++i) {
    auto& label = sample.labels.labels[i];
    const auto meaning = coding_[label];
    if (meaning == kUnknown) {
      const auto at = static_cast<std::int64_t>(i);
      throw IoError(sample.labels_path,
                    fmt::format("pixel ({}, {}) has label value {}, which is neither one of the {} classes nor ignored",
                                at % map.width, at / map.width, label, classes().size()));
    }
    label = static_cast<std::uint8_t>(meaning);
  }
  return {std::move(sample.image), std::move(sample.labels)};
}

}  // namespace fcngraph
