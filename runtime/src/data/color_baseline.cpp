// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include <fcngraph/dataset.h>

namespace fcngraph {
namespace {

constexpr std::size_t kBins = 512;

std::size_t bin_of(const std::uint8_t* pixel) {
  return static_cast<std::size_t>(pixel[0] >> 5) << 6 | static_cast<std::size_t>(pixel[1] >> 5) << 3 |
         static_cast<std::size_t>(pixel[2] >> 5);
}

template <typename Visit>
void each_pixel(const Dataset& dataset, Split split, std::int64_t max_images, Visit&& visit) {
  const auto count = max_images > 0 ? std::min(max_images, dataset.size(split)) : dataset.size(split);
  for (std::int64_t i = 0; i < count; ++i) {
    const Sample sample = dataset.load(split, i);
    for (std::size_t p = 0; p < sample.labels.labels.size(); ++p) {
      const auto label = sample.labels.labels[p];
      if (label != kIgnore) visit(bin_of(sample.image.pixels.data() + 3 * p), label);
    }
  }
}

std::vector<std::uint8_t> learn(const Dataset& dataset, std::int64_t max_images) {
  const std::size_t classes = dataset.classes().size();
  std::vector<std::int64_t> counts(kBins * classes);
  std::vector<std::int64_t> totals(classes);
  each_pixel(dataset, Split::train, max_images, [&](std::size_t bin, std::uint8_t label) {
    ++counts[bin * classes + label];
    ++totals[label];
  });
  const auto argmax = [](auto begin, auto end) {
    return static_cast<std::uint8_t>(std::max_element(begin, end) - begin);
  };
  const auto most_frequent = argmax(totals.begin(), totals.end());
  std::vector<std::uint8_t> table(kBins);
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const auto row = counts.begin() + static_cast<std::ptrdiff_t>(bin * classes);
    const auto end = row + static_cast<std::ptrdiff_t>(classes);
    // A colour never seen in training tells nothing.
    table[bin] = std::all_of(row, end, [](std::int64_t n) { return n == 0; }) ? most_frequent : argmax(row, end);
  }
  return table;
}

}  // namespace

ColorBaseline color_baseline(const Dataset& dataset, Split evaluate, std::int64_t max_images) {
  const auto table = learn(dataset, max_images);
  const std::size_t classes = dataset.classes().size();
  ColorBaseline result;
  result.confusion.assign(classes * classes, 0);
  const Split split = dataset.size(evaluate) > 0 ? evaluate : Split::train;
  each_pixel(dataset, split, max_images,
             [&](std::size_t bin, std::uint8_t label) { ++result.confusion[label * classes + table[bin]]; });

  std::int64_t right = 0, all = 0, present = 0;
  double sum = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    std::int64_t truth = 0, predicted = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      truth += result.confusion[c * classes + k];
      predicted += result.confusion[k * classes + c];
    }
    const auto hits = result.confusion[c * classes + c], either = truth + predicted - hits;
    right += hits;
    all += truth;
    result.iou.push_back(either > 0 ? static_cast<double>(hits) / static_cast<double>(either)
                                    : std::numeric_limits<double>::quiet_NaN());
    if (either > 0) {
      sum += result.iou.back();
      ++present;
    }
  }
  result.mean_iou = present > 0 ? sum / static_cast<double>(present) : 0;
  result.pixel_accuracy = all > 0 ? static_cast<double>(right) / static_cast<double>(all) : 0;
  return result;
}

}  // namespace fcngraph
