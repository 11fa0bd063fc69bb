// SPDX-License-Identifier: Apache-2.0
#include "data/padded_batches.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <utility>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/random.h>

namespace fcngraph::data {
namespace {

/// Its masks hold classes, whatever the values in the files are.
DatasetInfo info_of(const Dataset& dataset) {
  return {.name = dataset.name(),
          .classes = dataset.classes(),
          .palette = dataset.palette(),
          .ignore = {kIgnore},
          .label_values = {}};
}

/// Rows of `each` bytes a pixel, with `fill` to their right and below them.
std::vector<std::uint8_t> padded(const std::vector<std::uint8_t>& values, ImageSize from, ImageSize to,
                                 std::int64_t each, std::uint8_t fill) {
  std::vector<std::uint8_t> out(static_cast<std::size_t>(to.height * to.width * each), fill);
  for (std::int64_t y = 0; y < from.height; ++y)
    std::copy_n(values.begin() + y * from.width * each, from.width * each, out.begin() + y * to.width * each);
  return out;
}

class PaddedBatches final : public Dataset {
 public:
  PaddedBatches(std::unique_ptr<Dataset> dataset, std::int64_t batch, std::uint8_t label)
      : Dataset(info_of(*dataset)), dataset_(std::move(dataset)), batch_(batch), label_(label) {}

  std::int64_t size(Split split) const override { return dataset_->size(split); }
  std::string sample_name(Split split, std::int64_t index) const override {
    return dataset_->sample_name(split, index);
  }

  FileSample read(Split split, std::int64_t index) const override {
    Sample sample = dataset_->load(split, index);
    const ImageSize from{sample.image.height, sample.image.width}, to = image_size(split, index);
    if (from != to) {
      sample.image.pixels = padded(sample.image.pixels, from, to, sample.image.channels, 0);
      sample.labels.labels = padded(sample.labels.labels, from, to, 1, label_);
      sample.image.height = sample.labels.height = to.height;
      sample.image.width = sample.labels.width = to.width;
    }
    const auto name = sample_name(split, index);
    return {std::move(sample.image), std::move(sample.labels), name, name};
  }

  ImageSize image_size(Split split, std::int64_t index) const override {
    check_index(split, index);
    const std::pair<Split, std::int64_t> batch{split, index / batch_};
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = largest_.find(batch); known != largest_.end()) return known->second;
    }
    ImageSize largest;
    const std::int64_t first = batch.second * batch_, last = std::min(first + batch_, size(split));
    for (std::int64_t i = first; i < last; ++i) {
      const ImageSize of = dataset_->image_size(split, i);
      largest = {std::max(largest.height, of.height), std::max(largest.width, of.width)};
    }
    // A wide image and a high one make a batch that is larger than either.
    if (largest.height > kMaxPixels / std::max<std::int64_t>(largest.width, 1)) {
      throw IoError(sample_name(split, first), "the images of its batch are too large to be padded to the largest");
    }
    const std::lock_guard lock(mutex_);
    return largest_.emplace(batch, largest).first->second;
  }

 protected:
  SampleKey content(Split split, std::int64_t index) const override {
    SampleKey key = dataset_->key(split, index);
    const ImageSize to = image_size(split, index);
    const auto size = random_key(static_cast<std::uint64_t>(to.height), static_cast<std::uint64_t>(to.width));
    key.image = random_key(key.image, size);
    key.labels = random_key(random_key(key.labels, size), std::uint64_t{label_});
    return key;
  }

 private:
  std::unique_ptr<Dataset> dataset_;
  std::int64_t batch_;
  std::uint8_t label_;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<Split, std::int64_t>, ImageSize> largest_;  ///< of the batches asked for
};

}  // namespace

std::unique_ptr<Dataset> pad_batches(std::unique_ptr<Dataset> dataset, std::int64_t batch, std::uint8_t label) {
  FCNGRAPH_ASSERT(batch > 0, "a batch has samples");
  return std::make_unique<PaddedBatches>(std::move(dataset), batch, label);
}

}  // namespace fcngraph::data
