// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/metrics.h>

#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/image.h>

namespace fcngraph {
namespace {

/// What the course's code adds to numerators and denominators.
constexpr double kSmoothing = 1e-5;

double ratio(std::int64_t a, std::int64_t b) { return b > 0 ? static_cast<double>(a) / static_cast<double>(b) : 0.0; }

/// Pixels of one class.
struct ClassCounts {
  std::int64_t truth = 0, predicted = 0, both = 0;
  bool absent() const { return truth + predicted == 0; }
};

ClassCounts counts_of(const ConfusionMatrix& matrix, std::int64_t c) {
  ClassCounts counts;
  for (std::int64_t k = 0; k < matrix.classes(); ++k) {
    counts.truth += matrix.at(c, k);
    counts.predicted += matrix.at(k, c);
  }
  counts.both = matrix.at(c, c);
  return counts;
}

ClassScores scores_of(const ClassCounts& n, MetricMode mode) {
  ClassScores scores;
  if (n.truth > 0) scores.accuracy = ratio(n.both, n.truth);
  if (mode == MetricMode::course) {
    const auto both = static_cast<double>(n.both), sum = static_cast<double>(n.truth + n.predicted);
    scores.iou = (both + kSmoothing) / (sum - both + kSmoothing);
    // The factor is outside: an absent class has a Dice of 2 there.
    scores.dice = 2 * (both + kSmoothing) / (sum + kSmoothing);
  } else if (!n.absent()) {
    scores.iou = ratio(n.both, n.truth + n.predicted - n.both);
    scores.dice = ratio(2 * n.both, n.truth + n.predicted);
  }
  return scores;
}

std::int64_t correct(const ConfusionMatrix& matrix) {
  std::int64_t sum = 0;
  for (std::int64_t c = 0; c < matrix.classes(); ++c) sum += matrix.at(c, c);
  return sum;
}

}  // namespace

std::string_view name_of(MetricMode mode) noexcept {
  switch (mode) {
    case MetricMode::keras:
      return "keras";
    case MetricMode::caffe:
      return "caffe";
    case MetricMode::course:
      return "course";
    default:
      return "fcngraph";
  }
}

std::optional<MetricMode> metric_mode_from(std::string_view name) noexcept {
  for (const MetricMode mode : kMetricModes) {
    if (name_of(mode) == name) return mode;
  }
  return std::nullopt;
}

Scores ConfusionMatrix::scores(MetricMode mode, const ConfusionMatrix* fractional) const {
  Scores out;
  out.pixels = std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
  std::int64_t counted = 0, in_truth = 0;
  for (std::int64_t c = 0; c < classes_; ++c) {
    const ClassCounts counts = counts_of(*this, c);
    const ClassScores& scores = out.classes.emplace_back(scores_of(counts, mode));
    if (!scores.iou) {
      out.left_out.push_back(c);
      continue;
    }
    ++counted;
    out.mean_iou += *scores.iou;
    out.mean_dice += *scores.dice;
    out.fw_iou += *scores.iou * ratio(counts.truth, out.pixels);
    if (!scores.accuracy) continue;
    ++in_truth;
    out.mean_accuracy += *scores.accuracy;
  }
  // Keras compares a label with a class as numbers: one between two classes is equal to none.
  const bool equal_only = mode == MetricMode::keras && fractional != nullptr;
  out.pixel_accuracy = ratio(correct(*this) - (equal_only ? correct(*fractional) : 0), out.pixels);
  if (counted > 0) out.mean_iou /= static_cast<double>(counted);
  if (counted > 0) out.mean_dice /= static_cast<double>(counted);
  if (in_truth > 0) out.mean_accuracy /= static_cast<double>(in_truth);
  return out;
}

void add_fractional(ConfusionMatrix& all, ConfusionMatrix& fractional, std::span<const float> truth,
                    std::span<const std::uint8_t> prediction) {
  if (truth.size() != prediction.size()) {
    throw GraphError(
        fmt::format("truth and prediction have different sizes: {} and {} pixels", truth.size(), prediction.size()));
  }
  std::vector<std::uint8_t> cut_off(truth.size(), kIgnore), between(truth.size(), kIgnore);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i] < 0) continue;
    const float whole = std::trunc(truth[i]);
    if (!(whole < static_cast<float>(all.classes())))
      throw GraphError(fmt::format("label {} is not a class, expected 0 to {}", truth[i], all.classes() - 1));
    cut_off[i] = static_cast<std::uint8_t>(whole);
    if (whole != truth[i]) between[i] = cut_off[i];
  }
  all.add(cut_off, prediction);
  fractional.add(between, prediction);
}

}  // namespace fcngraph
