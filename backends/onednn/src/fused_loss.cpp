// SPDX-License-Identifier: Apache-2.0
#include "fused_loss.h"

#include <omp.h>

#include <algorithm>
#include <limits>

#include <fcngraph/engine/ops/pairwise_sum.h>

#include "fused_loss_rows.h"
#include "parallel.h"

namespace fcngraph::onednn {
namespace {

/// Pixels of a band, at least: enough work for a thread to be worth it, few enough that an image has several.
constexpr std::int64_t kBandPixels = 4096;

template <class T>
T* result(const LaunchArgs& args, int index) {
  return index < 0 ? nullptr : reinterpret_cast<T*>(args.results[static_cast<std::size_t>(index)]);
}

const float* operand(const LaunchArgs& args, int index) {
  return index < 0 ? nullptr : input(args, static_cast<std::size_t>(index));
}

}  // namespace

/// Scratch memory of all threads, then what is kept apart.
struct FusedLoss::Workspace {
  double *image_loss, *image_count;  ///< [images]
  Partial* partials;                 ///< [images][bands]
  float* kept;                       ///< rows of the gradient [images][kept rows][classes][width]
  float* scratch;                    ///< [threads]
};

/// Memory of one thread. Rows of the score lie in the side that is their number modulo 2, since they come in ascending order.
struct FusedLoss::Scratch {
  float *wide[2], *sums[2];  ///< [classes][row stride]: of a row of the score, and of its gradient
  float* logits;             ///< [classes][row stride]
  float* columns;            ///< of the interpolation
  LossRow row;
};

FusedLoss::FusedLoss(const FusedLossBody& body, const Shape& score, const Shape& labels, int threads)
    : body_(body),
      images_(score[0]),
      classes_(score[1]),
      height_(score[2]),
      width_(score[3]),
      out_height_(labels[1]),
      out_width_(labels[2]),
      row_stride_((labels[2] + 15) / 16 * 16),
      rows_(axis_taps(score[2], body.upsampling.factor.h, body.upsampling.kind)),
      columns_(score[3], body.upsampling.factor.w, body.upsampling.kind, body.crop.left, labels[2]),
      threads_(threads) {
  const std::int64_t each = std::max<std::int64_t>(1, kBandPixels / out_width_);
  for (std::int64_t first = 0; first < out_height_; first += each) {
    const std::int64_t last = std::min(first + each, out_height_);
    const auto top = static_cast<std::size_t>(body.crop.top);
    const std::int64_t low = rows_.low[top + static_cast<std::size_t>(first)];
    const std::int64_t rows = rows_.high[top + static_cast<std::size_t>(last) - 1] + 1 - low;
    bands_.push_back({first, last, low, rows, kept_rows_});
    kept_rows_ += rows;
  }
}

std::int64_t FusedLoss::scratch_elements() const {
  constexpr std::int64_t kArrays = 5;
  return (kArrays * classes_ + LossRow::kArrays) * row_stride_ + columns_.scratch_elements();
}

FusedLoss::Scratch FusedLoss::scratch_at(float* memory) const {
  const std::int64_t array = classes_ * row_stride_;
  float* row = memory + 5 * array;
  return {{memory, memory + array},
          {memory + 2 * array, memory + 3 * array},
          memory + 4 * array,
          row + LossRow::kArrays * row_stride_,
          LossRow::at(row, row_stride_, out_width_)};
}

FusedLoss::Workspace FusedLoss::divide(std::byte* memory) const {
  Workspace w{};
  w.image_loss = reinterpret_cast<double*>(memory);
  w.image_count = w.image_loss + images_;
  w.partials = reinterpret_cast<Partial*>(w.image_count + images_);
  w.scratch = reinterpret_cast<float*>(w.partials + images_ * static_cast<std::int64_t>(bands_.size()));
  w.kept = w.scratch + threads_ * scratch_elements();
  return w;
}

std::int64_t FusedLoss::workspace() const {
  const std::int64_t sums = 2 * images_ * static_cast<std::int64_t>(sizeof(double)) +
                            images_ * static_cast<std::int64_t>(bands_.size() * sizeof(Partial));
  const std::int64_t kept = body_.grad_score < 0 ? 0 : images_ * kept_rows_ * classes_ * width_;
  return sums + (threads_ * scratch_elements() + kept) * static_cast<std::int64_t>(sizeof(float));
}

/// One band of one image.
class FusedLoss::BandRun {
 public:
  BandRun(const FusedLoss& loss, const LaunchArgs& args, std::int64_t image, const Band& band, const Scratch& scratch,
          float* kept)
      : l_(loss),
        band_(band),
        s_(scratch),
        score_(operand(args, loss.body_.score) + image * loss.classes_ * loss.height_ * loss.width_),
        weights_(operand(args, loss.body_.class_weights)),
        labels_(reinterpret_cast<const std::uint8_t*>(operand(args, loss.body_.labels)) + image * pixels()),
        predicted_(result<std::uint8_t>(args, loss.body_.predicted)),
        kept_(kept) {
    if (predicted_ != nullptr) predicted_ += image * pixels();
  }

  Partial run() {
    Partial sum{0, 0};
    for (std::int64_t d = band_.first; d < band_.last; ++d) {
      const Partial row = run_row(d);
      sum.loss += row.loss;
      sum.count += row.count;
    }
    for (const std::int64_t row : held_) finish(row);
    return sum;
  }

 private:
  std::int64_t pixels() const { return l_.out_height_ * l_.out_width_; }
  float* of_class(float* array, std::int64_t c) const { return array + c * l_.row_stride_; }

  Partial run_row(std::int64_t d) {
    const auto at = static_cast<std::size_t>(d + l_.body_.crop.top);
    const std::int64_t low = l_.rows_.low[at], high = l_.rows_.high[at];
    const float fraction = low == high ? 0.0f : l_.rows_.fraction[at];
    hold(low);
    hold(high);
    const std::int64_t first = d * l_.out_width_;
    const float count = begin_row(s_.row, labels_ + first, weights_, l_.body_.ignore, l_.classes_);
    for (std::int64_t c = 0; c < l_.classes_; ++c)
      mix_logits(s_.row, of_class(s_.logits, c), of_class(s_.wide[low % 2], c), of_class(s_.wide[high % 2], c),
                 fraction, c);
    if (predicted_ != nullptr) write_leaders(s_.row, predicted_ + first);
    for (std::int64_t c = 0; c < l_.classes_; ++c) add_exponentials(s_.row, of_class(s_.logits, c), c);
    const float loss = finish_loss(s_.row);
    if (kept_ != nullptr) spread_gradient(low, high, fraction);
    return {static_cast<double>(loss), static_cast<double>(count)};
  }

  void spread_gradient(std::int64_t low, std::int64_t high, float fraction) {
    for (std::int64_t c = 0; c < l_.classes_; ++c) {
      // A row that reads one row of the score twice gives it everything; what the fraction 0 leaves goes nowhere.
      float* rest = low == high ? s_.row.unused : of_class(s_.sums[high % 2], c);
      add_gradient(s_.row, of_class(s_.logits, c), of_class(s_.sums[low % 2], c), rest, fraction, c);
    }
  }

  // Widens a row of the score into its side, and finishes the row that was there.
  void hold(std::int64_t row) {
    std::int64_t& held = held_[row % 2];
    if (held == row) return;
    finish(held);
    held = row;
    for (std::int64_t c = 0; c < l_.classes_; ++c) {
      l_.columns_.widen(of_class(s_.wide[row % 2], c), score_ + (c * l_.height_ + row) * l_.width_, s_.columns);
      if (kept_ != nullptr) std::fill_n(of_class(s_.sums[row % 2], c), l_.out_width_, 0.0f);
    }
  }

  void finish(std::int64_t row) {
    if (row < 0 || kept_ == nullptr) return;
    float* to = kept_ + (row - band_.low) * l_.classes_ * l_.width_;
    for (std::int64_t c = 0; c < l_.classes_; ++c)
      l_.columns_.narrow(to + c * l_.width_, of_class(s_.sums[row % 2], c), s_.columns);
  }

  const FusedLoss& l_;
  const Band& band_;
  const Scratch& s_;
  const float *score_, *weights_;
  const std::uint8_t* labels_;
  std::uint8_t* predicted_;
  float* kept_;
  std::int64_t held_[2] = {-1, -1};
};

void FusedLoss::run(const LaunchArgs& args) const {
  const Workspace workspace = divide(args.workspace);
  const auto bands = static_cast<std::int64_t>(bands_.size());
  const bool wants_gradient = result<float>(args, body_.grad_score) != nullptr;
  parallel_for(images_ * bands, [&](std::int64_t task) {
    const std::int64_t image = task / bands;
    const Band& band = bands_[static_cast<std::size_t>(task % bands)];
    const Scratch scratch = scratch_at(workspace.scratch + omp_get_thread_num() * scratch_elements());
    float* kept = workspace.kept + (image * kept_rows_ + band.offset) * classes_ * width_;
    workspace.partials[task] = BandRun(*this, args, image, band, scratch, wants_gradient ? kept : nullptr).run();
  });
  const double divisor = sum_losses(args, workspace);
  if (!wants_gradient) return;
  const double grad = static_cast<double>(*operand(args, body_.grad));
  sum_gradient(args, workspace.kept, divisor == 0 ? 0.0f : static_cast<float>(grad / divisor));
}

// The divisor of mean_loss: counted pixels of the batch, or the normalizer that was given.
double FusedLoss::sum_losses(const LaunchArgs& args, const Workspace& w) const {
  const auto bands = static_cast<std::int64_t>(bands_.size());
  for (std::int64_t n = 0; n < images_; ++n) {
    Partial sum{0, 0};
    for (std::int64_t b = n * bands; b < (n + 1) * bands; ++b) {
      sum.loss += w.partials[b].loss;
      sum.count += w.partials[b].count;
    }
    // Rounded as the result of cross_entropy is, which mean_loss reads.
    const auto loss = static_cast<float>(sum.loss), count = static_cast<float>(sum.count);
    if (float* to = result<float>(args, body_.loss_sum)) to[n] = loss;
    if (float* to = result<float>(args, body_.count)) to[n] = count;
    w.image_loss[n] = static_cast<double>(loss);
    w.image_count[n] = static_cast<double>(count);
  }
  const auto images = static_cast<std::size_t>(images_);
  const float* normalizer = operand(args, body_.normalizer);
  const double divisor =
      normalizer != nullptr ? static_cast<double>(*normalizer) : pairwise_sum({w.image_count, images});
  if (float* to = result<float>(args, body_.loss))
    *to = divisor == 0 ? 0.0f : static_cast<float>(pairwise_sum({w.image_loss, images}) / divisor);
  return divisor;
}

void FusedLoss::sum_gradient(const LaunchArgs& args, const float* kept, float scale) const {
  parallel_for(images_ * classes_, [&](std::int64_t task) {
    const std::int64_t image = task / classes_, c = task % classes_;
    float* plane = result<float>(args, body_.grad_score) + task * height_ * width_;
    std::fill_n(plane, height_ * width_, 0.0f);
    for (const Band& band : bands_) {
      for (std::int64_t r = 0; r < band.rows; ++r) {
        const float* from = kept + ((image * kept_rows_ + band.offset + r) * classes_ + c) * width_;
        float* to = plane + (band.low + r) * width_;
        for (std::int64_t j = 0; j < width_; ++j) to[j] += from[j];
      }
    }
    for (std::int64_t i = 0; i < height_ * width_; ++i) plane[i] *= scale;
  });
}

}  // namespace fcngraph::onednn
