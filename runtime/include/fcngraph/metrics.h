// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/engine/export.h>

namespace fcngraph {

/// Whose definitions scores follow; all read the same confusion matrix. docs/metrics.md has the formulas.
enum class MetricMode : std::uint8_t {
  fcngraph,  ///< after Long, Shelhamer and Darrell 2015; a class absent from truth and prediction is left out of the means
  keras,  ///< `MeanIoU` and `SparseCategoricalAccuracy`: a label between two classes is cut off in the first, wrong in the second
  caffe,  ///< score.py of the original: means without the classes that are 0/0
  course  ///< 1e-5 is added to numerators and denominators; every class counts, one that is absent with IoU 1
};

/// Every mode, in the order of its declaration.
inline constexpr MetricMode kMetricModes[] = {MetricMode::fcngraph, MetricMode::keras, MetricMode::caffe,
                                              MetricMode::course};
FCNGRAPH_API std::string_view name_of(MetricMode mode) noexcept;
FCNGRAPH_API std::optional<MetricMode> metric_mode_from(std::string_view name) noexcept;

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
  /// `fractional`, where given, are those of the counts whose label lay between two classes: see add_fractional.
  Scores scores(MetricMode mode = MetricMode::fcngraph, const ConfusionMatrix* fractional = nullptr) const;
  /// Without these counts, which must be among those of this one: GraphError otherwise.
  ConfusionMatrix without(const ConfusionMatrix& part) const;

 private:
  std::int64_t classes_ = 0;
  std::vector<std::int64_t> counts_;
};

/// Labels as interpolating a mask makes them, for example 1.37. Keras cuts them off to whole numbers: so they are added to `all`, and
/// those that were no whole numbers to `fractional` too. A truth below 0 is skipped. Throws as ConfusionMatrix::add does.
FCNGRAPH_API void add_fractional(ConfusionMatrix& all, ConfusionMatrix& fractional, std::span<const float> truth,
                                 std::span<const std::uint8_t> prediction);

}  // namespace fcngraph
