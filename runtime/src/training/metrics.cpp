// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/metrics.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/image.h>

namespace fcngraph {
namespace {

/// How often each pair of labels occurs: a row for each class of the truth, one for what is ignored, one for all that is no class.
class PairCounts {
 public:
  PairCounts(std::size_t classes, std::span<const std::uint8_t> truth, std::span<const std::uint8_t> prediction)
      : counts_((classes + 2) * 256) {
    for (std::size_t t = 0; t < 256; ++t) row_[t] = t < classes ? t : t == kIgnore ? classes : classes + 1;
    std::size_t i = 0;
    // Neighbours are mostly alike, and so are counted eight at a time: one by one, each waits for the sum that was just stored.
    for (; i + 8 <= truth.size(); i += 8) {
      std::uint64_t t = 0, p = 0;
      std::memcpy(&t, truth.data() + i, 8);
      std::memcpy(&p, prediction.data() + i, 8);
      if (t == kEach * truth[i] && p == kEach * prediction[i]) {
        place(truth[i], prediction[i]) += 8;
      } else {
        for (std::size_t k = i; k < i + 8; ++k) ++place(truth[k], prediction[k]);
      }
    }
    for (; i < truth.size(); ++i) ++place(truth[i], prediction[i]);
  }

  /// Row t, a class.
  std::int64_t at(std::size_t t, std::size_t p) const { return counts_[t * 256 + p]; }
  bool has_strangers() const {
    return std::any_of(counts_.end() - 256, counts_.end(), [](std::int64_t count) { return count > 0; });
  }

 private:
  static constexpr std::uint64_t kEach = 0x0101010101010101;
  std::int64_t& place(std::uint8_t t, std::uint8_t p) { return counts_[row_[t] * 256 + p]; }

  std::array<std::size_t, 256> row_{};
  std::vector<std::int64_t> counts_;
};

}  // namespace

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
  // Nothing is added before everything was checked.
  const auto n = static_cast<std::size_t>(classes_);
  const PairCounts pairs(n, truth, prediction);
  for (std::size_t t = 0; t < n; ++t) {
    for (std::size_t p = n; p < 256; ++p) {
      if (pairs.at(t, p) > 0)
        throw GraphError(fmt::format("predicted label {} is not a class, expected 0 to {}", p, n - 1));
    }
  }
  for (const std::uint8_t t : truth) {
    if (!pairs.has_strangers()) break;
    if (t >= n && t != kIgnore) throw GraphError(fmt::format("label {} is not a class, expected 0 to {}", t, n - 1));
  }
  for (std::size_t t = 0; t < n; ++t) {
    for (std::size_t p = 0; p < n; ++p) counts_[t * n + p] += pairs.at(t, p);
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

ConfusionMatrix ConfusionMatrix::without(const ConfusionMatrix& part) const {
  if (part.classes_ != classes_) {
    throw GraphError(
        fmt::format("confusion matrices have different numbers of classes: {} and {}", classes_, part.classes_));
  }
  std::vector<std::int64_t> rest(counts_.size());
  std::transform(counts_.begin(), counts_.end(), part.counts_.begin(), rest.begin(), std::minus<>());
  return {classes_, std::move(rest)};
}

}  // namespace fcngraph
