// SPDX-License-Identifier: Apache-2.0
// region: the loss of a head from its score to the gradient of its score. Logits at the input's size are made where they are needed
// and never reach memory; what is kept of each pixel is the logarithm of its sum of exponentials.
#include <cmath>

#include <fcngraph/engine/fused_loss_body.h>

#include "answers.h"
#include "kernel_def.h"
#include "labels.h"
#include "taps.h"

namespace fcngraph::cudnn {
namespace {

/// Score, and the image at the input's size that is cut out of its upsampling.
struct Logits {
  Grid score;
  Resampling rows, columns;
  std::int64_t top, left, height, width;

  FCNGRAPH_DEVICE std::int64_t pixels() const { return height * width; }
  FCNGRAPH_DEVICE Tap row(std::int64_t h) const { return rows.tap(h + top); }
  FCNGRAPH_DEVICE Tap column(std::int64_t w) const { return columns.tap(w + left); }
  FCNGRAPH_DEVICE float at(const float* x, std::int64_t n, std::int64_t c, const Tap& row, const Tap& column) const {
    return interpolate(score, x, {n, c, 0, 0}, row, column);
  }
};

/// What is made on the way, in the workspace.
struct Kept {
  double *scratch, *losses, *counts;
  float* log_sums;  ///< [N, H, W] at the input's size; null where no gradient is asked for
  float* factor;    ///< of every pixel's gradient
};

std::int64_t kept_bytes(std::int64_t images, std::int64_t pixels, bool with_gradient) {
  const auto doubles = (row_sum_doubles(images) + 2 * images) * static_cast<std::int64_t>(sizeof(double));
  return doubles + (1 + (with_gradient ? images * pixels : 0)) * static_cast<std::int64_t>(sizeof(float));
}

Kept kept_in(std::byte* workspace, std::int64_t images, bool with_gradient) {
  auto* doubles = reinterpret_cast<double*>(workspace);
  Kept kept{doubles, doubles + row_sum_doubles(images), doubles + row_sum_doubles(images) + images, nullptr, nullptr};
  kept.factor = reinterpret_cast<float*>(kept.counts + images);
  if (with_gradient) kept.log_sums = kept.factor + 1;
  return kept;
}

struct Results {
  float *loss_sum, *count, *loss, *grad_score;
  std::uint8_t* predicted;
};

/// The pixel's loss; on the way what is kept of it, and the class with the largest logit.
void score_pixels(const Queue& queue, const Logits& logits, const Labels& labels, const float* x, const Kept& kept,
                  std::uint8_t* predicted) {
  row_sums(queue, logits.score.n, logits.pixels(), kept.scratch, kept.losses,
           [=] FCNGRAPH_DEVICE(std::int64_t n, std::int64_t i) {
             const Tap row = logits.row(i / logits.width), column = logits.column(i % logits.width);
             const std::int64_t pixel = n * logits.pixels() + i, label = labels.at(pixel);
             float largest = logits.at(x, n, 0, row, column), sum = 0;
             std::int64_t best = 0;
             for (std::int64_t c = 1; c < logits.score.c; ++c) {
               const float value = logits.at(x, n, c, row, column);
               if (value > largest || (largest != largest && value == value)) largest = value, best = c;
             }
             if (predicted != nullptr) predicted[pixel] = static_cast<std::uint8_t>(best);
             if (!labels.counts(label)) return 0.0;
             for (std::int64_t c = 0; c < logits.score.c; ++c) sum += expf(logits.at(x, n, c, row, column) - largest);
             const float log_sum = logf(sum);
             // The largest goes in apart: beside a large one, the logarithm would lose its digits.
             if (kept.log_sums != nullptr) kept.log_sums[pixel] = largest + log_sum;
             const float loss = log_sum - (logits.at(x, n, label, row, column) - largest);
             return static_cast<double>(labels.weight(label) * loss);
           });
  row_sums(queue, logits.score.n, logits.pixels(), kept.scratch, kept.counts,
           [=] FCNGRAPH_DEVICE(std::int64_t n, std::int64_t i) {
             return labels.counts(labels.at(n * logits.pixels() + i)) ? 1.0 : 0.0;
           });
}

/// Sums of the batch in the order of its images; one thread, since they are few.
void sum_up(const Queue& queue, std::int64_t images, const Kept& kept, const float* normalizer, const float* grad,
            const Results& results) {
  launch(queue, 1, [=] FCNGRAPH_DEVICE(std::int64_t) {
    double loss = 0, count = 0;
    for (std::int64_t n = 0; n < images; ++n) {
      const auto image_loss = static_cast<float>(kept.losses[n]);
      if (results.loss_sum != nullptr) results.loss_sum[n] = image_loss;
      if (results.count != nullptr) results.count[n] = static_cast<float>(kept.counts[n]);
      loss += static_cast<double>(image_loss);
      count += kept.counts[n];
    }
    const double divisor = normalizer != nullptr ? static_cast<double>(*normalizer) : count;
    if (results.loss != nullptr) *results.loss = divisor == 0 ? 0.0f : static_cast<float>(loss / divisor);
    *kept.factor = divisor == 0 || grad == nullptr ? 0.0f : static_cast<float>(static_cast<double>(*grad) / divisor);
  });
}

/// Each number of the score's gradient gathers from the pixels that read it.
void gather_gradient(const Queue& queue, const Logits& logits, const Labels& labels, const Grid& to_grid,
                     const float* x, const Kept& kept, float* to) {
  launch(queue, to_grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = to_grid.place(i);
    const Readers of_row = logits.rows.readers(p.h), of_column = logits.columns.readers(p.w);
    float sum = 0;
    for (std::int64_t d = of_row.first; d < of_row.last; ++d) {
      const std::int64_t h = d - logits.top;
      const float row_weight = logits.rows.weight(d, p.h);
      if (h < 0 || h >= logits.height || row_weight == 0.0f) continue;
      const Tap row = logits.row(h);
      float line = 0;
      for (std::int64_t e = of_column.first; e < of_column.last; ++e) {
        const std::int64_t w = e - logits.left;
        const float weight = logits.columns.weight(e, p.w);
        if (w < 0 || w >= logits.width || weight == 0.0f) continue;
        const std::int64_t pixel = (p.n * logits.height + h) * logits.width + w, label = labels.at(pixel);
        if (!labels.counts(label)) continue;
        const float probability = expf(logits.at(x, p.n, p.c, row, logits.column(w)) - kept.log_sums[pixel]);
        line += weight * labels.weight(label) * (probability - (p.c == label ? 1.0f : 0.0f));
      }
      sum += row_weight * line;
    }
    to[to_grid.at(p)] = sum * *kept.factor;
  });
}

template <class T>
T* maybe(const LaunchArgs& args, int result) {
  return result < 0 ? nullptr : out<T>(args, static_cast<std::size_t>(result));
}
const float* maybe_in(const LaunchArgs& args, int operand) {
  return operand < 0 ? nullptr : in<float>(args, static_cast<std::size_t>(operand));
}

Capability can_fuse(const StepView& step) {
  const FusedLossReading reading = read_fused_loss(*step.body);
  if (!reading.mistake.empty()) return Capability::no(reading.mistake);
  const FusedLossBody& body = reading.body;
  const TensorType& score = *step.operands[static_cast<std::size_t>(body.score)];
  const Shape& labels = step.operands[static_cast<std::size_t>(body.labels)]->shape;
  Capability yes = as_it_lies(step, kept_bytes(score.shape[0], labels[1] * labels[2], body.grad_score >= 0));
  // The gradient lies as the score does; everything else is plain.
  for (std::size_t r = 0; r < yes.results.size(); ++r) {
    const bool like_score = static_cast<int>(r) == body.grad_score && score.layout.tag == kChannelsLast;
    yes.results[r] = like_score ? channels_last(*step.results[r]) : Layout{};
  }
  yes.reason = "logits and their gradient never reach memory";
  return yes;
}

Enqueue prepare_fused_loss(const StepView& step) {
  const FusedLossBody body = read_fused_loss(*step.body).body;
  const Grid score = grid_of(*step.operands[static_cast<std::size_t>(body.score)]);
  const Shape& size = step.operands[static_cast<std::size_t>(body.labels)]->shape;
  const UpsampleAttrs& a = body.upsampling;
  const Logits logits{score,
                      Resampling{a, a.factor.h, score.h},
                      Resampling{a, a.factor.w, score.w},
                      body.crop.top,
                      body.crop.left,
                      size[1],
                      size[2]};
  const bool backward = body.grad_score >= 0;
  const Grid to = backward ? grid_of(*step.results[static_cast<std::size_t>(body.grad_score)]) : Grid{};
  return [body, logits, backward, to](const LaunchArgs& args, const Queue& queue) {
    const Labels labels{in<std::uint8_t>(args, static_cast<std::size_t>(body.labels)),
                        maybe_in(args, body.class_weights), logits.score.c, body.ignore};
    const Results results{maybe<float>(args, body.loss_sum), maybe<float>(args, body.count),
                          maybe<float>(args, body.loss), maybe<float>(args, body.grad_score),
                          maybe<std::uint8_t>(args, body.predicted)};
    const float* x = in<float>(args, static_cast<std::size_t>(body.score));
    const Kept kept = kept_in(args.workspace, logits.score.n, backward);
    score_pixels(queue, logits, labels, x, kept, results.predicted);
    sum_up(queue, logits.score.n, kept, maybe_in(args, body.normalizer), maybe_in(args, body.grad), results);
    if (backward) gather_gradient(queue, logits, labels, to, x, kept, results.grad_score);
  };
}

constexpr KernelDef kTable[] = {{"region", can_fuse, prepare_fused_loss}};

}  // namespace

std::span<const KernelDef> fused_loss_kernels() { return kTable; }

}  // namespace fcngraph::cudnn
