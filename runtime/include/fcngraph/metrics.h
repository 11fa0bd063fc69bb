// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fcngraph/engine/export.h>

namespace fcngraph {

/// Scores of one class. Unset for a class that occurs neither in truth nor in prediction.
struct ClassScores {
  std::optional<double> iou;       ///< |A and B| / |A or B|
  std::optional<double> dice;      ///< 2 |A and B| / (|A| + |B|), that is 2 IoU / (1 + IoU)
  std::optional<double> accuracy;  ///< recall; unset also where the class does not occur in the truth
};

/// Scores after Long, Shelhamer and Darrell 2015, section 5. Means are over the classes that are there; 0 where there is none.
struct Scores {
  std::int64_t pixels = 0;  ///< scored, ignored ones left out
  double pixel_accuracy = 0;
  double mean_accuracy = 0;  ///< over the classes of the truth
  double mean_iou = 0;
  double mean_dice = 0;
  double fw_iou = 0;  ///< IoU weighted by how often the class occurs in the truth
  std::vector<ClassScores> classes;
  std::vector<std::int64_t> left_out;  ///< classes absent from truth and prediction
};

/// Counts of (truth, prediction). Exact: sums of whole numbers, in any order.
class FCNGRAPH_API ConfusionMatrix {
 public:
  /// Throws GraphError when `classes` is not 1 to 255.
  explicit ConfusionMatrix(std::int64_t classes);
  /// From counts [classes, classes], truth by prediction. Throws GraphError when the sizes disagree or a count is negative.
  ConfusionMatrix(std::int64_t classes, std::vector<std::int64_t> counts);

  /// Adds pixels. Truth kIgnore is skipped; any other label that is not a class is a GraphError that says which, and nothing
  /// is added then. Both must have the same size.
  void add(std::span<const std::uint8_t> truth, std::span<const std::uint8_t> prediction);
  void merge(const ConfusionMatrix& other);
  void clear();

  std::int64_t classes() const noexcept { return classes_; }
  std::int64_t at(std::int64_t truth, std::int64_t prediction) const;
  /// [classes, classes], truth by prediction.
  const std::vector<std::int64_t>& counts() const noexcept { return counts_; }
  Scores scores() const;

 private:
  std::int64_t classes_ = 0;
  std::vector<std::int64_t> counts_;
};

}  // namespace fcngraph
