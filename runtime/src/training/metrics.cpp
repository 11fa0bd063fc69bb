// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/metrics.h>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/image.h>

namespace fcngraph {

ConfusionMatrix::ConfusionMatrix(std::int64_t classes) : classes_(classes) {
  if (classes < 1 || classes > 255)
    throw GraphError(fmt::format("number of classes is out of range, expected 1 to 255, got {}", classes));
  counts_.resize(static_cast<std::size_t>(classes * classes));
}

ConfusionMatrix::ConfusionMatrix(std::int64_t classes, std::vector<std::int64_t> counts) : ConfusionMatrix(classes) {
  if (counts.size() != counts_.size()) {
    throw GraphError(fmt::format("confusion matrix of {} classes has {} counts, expected {}", classes, counts.size(),
                                 counts_.size()));
  }
  if (std::any_of(counts.begin(), counts.end(), [](std::int64_t n) { return n < 0; })) {
    throw GraphError("confusion matrix has a negative count");
  }
  counts_ = std::move(counts);
}

void ConfusionMatrix::add(std::span<const std::uint8_t> truth, std::span<const std::uint8_t> prediction) {
  if (truth.size() != prediction.size()) {
    throw GraphError(
        fmt::format("truth and prediction have different sizes: {} and {} pixels", truth.size(), prediction.size()));
  }
  // Counted over all 256 x 256 pairs first: no branch a pixel, and nothing is added before everything was checked. In four tables,
  // since neighbours are mostly alike, and a count waits for the one before it.
  constexpr std::size_t kTables = 4, kPairs = 256 * 256;
  std::vector<std::int64_t> tables(kTables * kPairs);
  const auto count = [&](std::size_t table, std::size_t i) {
    ++tables[table * kPairs + static_cast<std::size_t>(truth[i]) * 256 + prediction[i]];
  };
  std::size_t at = 0;
  for (; at + kTables <= truth.size(); at += kTables) {
    for (std::size_t t = 0; t < kTables; ++t) count(t, at + t);
  }
  for (; at < truth.size(); ++at) count(0, at);
  const std::span pairs(tables.data(), kPairs);
  for (std::size_t i = kPairs; i < tables.size(); ++i) pairs[i % kPairs] += tables[i];
  const auto n = static_cast<std::size_t>(classes_);
  for (std::size_t t = 0; t < 256; ++t) {
    if (t == kIgnore) continue;
    for (std::size_t p = 0; p < 256; ++p) {
      if (pairs[t * 256 + p] == 0 || (t < n && p < n)) continue;
      throw GraphError(fmt::format("{} {} is not a class, expected 0 to {}", t < n ? "predicted label" : "label",
                                   t < n ? p : t, n - 1));
    }
  }
  for (std::size_t t = 0; t < n; ++t) {
    for (std::size_t p = 0; p < n; ++p) counts_[t * n + p] += pairs[t * 256 + p];
  }
}

void ConfusionMatrix::merge(const ConfusionMatrix& other) {
  if (other.classes_ != classes_) {
    throw GraphError(
        fmt::format("confusion matrices have different numbers of classes: {} and {}", classes_, other.classes_));
  }
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

void ConfusionMatrix::clear() { std::fill(counts_.begin(), counts_.end(), 0); }

std::int64_t ConfusionMatrix::at(std::int64_t truth, std::int64_t prediction) const {
  FCNGRAPH_ASSERT(truth >= 0 && truth < classes_ && prediction >= 0 && prediction < classes_, "class out of range");
  return counts_[static_cast<std::size_t>(truth * classes_ + prediction)];
}

Scores ConfusionMatrix::scores() const {
  Scores out;
  out.pixels = std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
  const auto ratio = [](std::int64_t a, std::int64_t b) {
    return b > 0 ? static_cast<double>(a) / static_cast<double>(b) : 0.0;
  };
  std::int64_t correct = 0, there = 0, in_truth = 0;
  for (std::int64_t c = 0; c < classes_; ++c) {
    std::int64_t truth = 0, predicted = 0;
    for (std::int64_t k = 0; k < classes_; ++k) {
      truth += at(c, k);
      predicted += at(k, c);
    }
    const auto both = at(c, c);
    correct += both;
    auto& scores = out.classes.emplace_back();
    if (truth + predicted == 0) {
      out.left_out.push_back(c);
      continue;
    }
    ++there;
    scores.iou = ratio(both, truth + predicted - both);
    scores.dice = ratio(2 * both, truth + predicted);
    out.mean_iou += *scores.iou;
    out.mean_dice += *scores.dice;
    out.fw_iou += *scores.iou * ratio(truth, out.pixels);
    if (truth == 0) continue;
    ++in_truth;
    scores.accuracy = ratio(both, truth);
    out.mean_accuracy += *scores.accuracy;
  }
  out.pixel_accuracy = ratio(correct, out.pixels);
  if (there > 0) out.mean_iou /= static_cast<double>(there);
  if (there > 0) out.mean_dice /= static_cast<double>(there);
  if (in_truth > 0) out.mean_accuracy /= static_cast<double>(in_truth);
  return out;
}

}  // namespace fcngraph
