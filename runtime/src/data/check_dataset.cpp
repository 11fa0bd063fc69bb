// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include <fcngraph/dataset.h>
#include <fcngraph/engine/error.h>

namespace fcngraph {
namespace {

class Checker {
 public:
  explicit Checker(const Dataset& dataset) : dataset_(dataset) {}

  void look_at(Split split) {
    SplitReport report;
    report.split = split;
    report.samples = dataset_.size(split);
    report.class_pixels.resize(dataset_.classes().size());
    for (std::int64_t i = 0; i < report.samples; ++i) look_at(split, i, report);
    report_.splits.push_back(std::move(report));
  }

  DatasetReport finish() && { return std::move(report_); }

 private:
  void look_at(Split split, std::int64_t index, SplitReport& report) {
    FileSample sample;
    try {
      sample = dataset_.read(split, index);
    } catch (const IoError& error) {
      add({split, index, error.path(), -1, -1, -1, error.what()});
      return;
    }
    ++report.readable;
    report.damaged += sample.image.decoder_warnings > 0 ? 1 : 0;
    note_size(sample.image, report);
    if (sample.image.height != sample.labels.height || sample.image.width != sample.labels.width) {
      add({split, index, sample.labels_path, -1, -1, -1,
           fmt::format("{}: mask is {}x{}, but its image '{}' is {}x{}", sample.labels_path, sample.labels.width,
                       sample.labels.height, sample.image_path, sample.image.width, sample.image.height)});
    }
    count_values(split, index, sample, report);
  }

  static void note_size(const Image& image, SplitReport& report) {
    const bool first = report.readable == 1;
    report.min_height = first ? image.height : std::min(report.min_height, image.height);
    report.max_height = std::max(report.max_height, image.height);
    report.min_width = first ? image.width : std::min(report.min_width, image.width);
    report.max_width = std::max(report.max_width, image.width);
  }

  void count_values(Split split, std::int64_t index, const FileSample& sample, SplitReport& report) {
    std::array<std::int64_t, 256> counts{};
    for (const auto value : sample.labels.labels) ++counts[value];
    for (std::size_t value = 0; value < counts.size(); ++value) {
      if (counts[value] == 0) continue;
      report.values[value] += counts[value];
      const int meaning = dataset_.class_of(static_cast<std::uint8_t>(value));
      if (meaning == kIgnore) {
        report.ignored_pixels += counts[value];
      } else if (meaning >= 0) {
        report.class_pixels[static_cast<std::size_t>(meaning)] += counts[value];
      } else {
        add_value(split, index, sample, static_cast<std::uint8_t>(value), counts[value]);
      }
    }
  }

  void add_value(Split split, std::int64_t index, const FileSample& sample, std::uint8_t value, std::int64_t count) {
    const auto& labels = sample.labels.labels;
    const auto at = std::find(labels.begin(), labels.end(), value) - labels.begin();
    const auto x = at % sample.labels.width, y = at / sample.labels.width;
    add({split, index, sample.labels_path, x, y, value,
         fmt::format(
             "{}: pixel ({}, {}) has label value {}, which is neither one of the {} classes nor ignored ({} such {})",
             sample.labels_path, x, y, value, dataset_.classes().size(), count, count == 1 ? "pixel" : "pixels")});
  }

  void add(DatasetProblem problem) { report_.problems.push_back(std::move(problem)); }

  const Dataset& dataset_;
  DatasetReport report_;
};

}  // namespace

DatasetReport check_dataset(const Dataset& dataset) {
  Checker checker(dataset);
  for (const Split split : kSplits) checker.look_at(split);
  return std::move(checker).finish();
}

}  // namespace fcngraph
