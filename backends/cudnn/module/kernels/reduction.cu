// SPDX-License-Identifier: Apache-2.0
// sum_to_channels, sum_squares, clip_scale, mean_loss, mean_loss_grad, weighted_sum: many numbers to few.
#include <cmath>

#include <fcngraph/engine/ops/gradient_norm.h>
#include <fcngraph/engine/ops/weighted_sum.h>

#include "answers.h"
#include "kernel_def.h"
#include "sums.h"

namespace fcngraph::cudnn {
namespace {

constexpr std::int64_t kDouble = sizeof(double);

Capability can_sum_to_channels(const StepView& step) {
  const std::int64_t channels = step.operands[0]->shape[1];
  return as_it_lies(step, (channel_sum_doubles(channels) + channels) * kDouble);
}

template <class T>
void sum_to_channels(const Queue& queue, const Grid& grid, const T* x, double* scratch, float* y) {
  double* totals = scratch + channel_sum_doubles(grid.c);
  channel_sums(queue, grid, scratch, totals,
               [=] FCNGRAPH_DEVICE(const Place& p) { return static_cast<double>(load(x[grid.at(p)])); });
  launch(queue, grid.c, [=] FCNGRAPH_DEVICE(std::int64_t c) { y[c] = static_cast<float>(totals[c]); });
}

Enqueue prepare_sum_to_channels(const StepView& step) {
  return [grid = grid_of(*step.operands[0])](const LaunchArgs& args, const Queue& queue) {
    sum_to_channels<float>(queue, grid, in<float>(args, 0), at<double>(args.workspace), out<float>(args, 0));
  };
}

Capability can_sum_squares(const StepView& step) { return as_it_lies(step, row_sum_doubles(1) * kDouble); }

void sum_squares(const Queue& queue, std::int64_t n, const float* x, double* scratch, double* sum) {
  row_sums(queue, 1, n, scratch, sum, [=] FCNGRAPH_DEVICE(std::int64_t, std::int64_t i) {
    return static_cast<double>(x[i]) * static_cast<double>(x[i]);
  });
}

Enqueue prepare_sum_squares(const StepView& step) {
  return [n = step.operands[0]->shape.elements()](const LaunchArgs& args, const Queue& queue) {
    sum_squares(queue, n, in<float>(args, 0), at<double>(args.workspace), out<double>(args, 0));
  };
}

/// Numbers of rank 0, by address. A kernel's arguments take 4 KiB.
template <class T>
struct Scalars {
  static constexpr std::size_t kMost = 384;
  const T* at[kMost];
  int count;
};

template <class T>
Scalars<T> scalars_of(const LaunchArgs& args, std::size_t first) {
  Scalars<T> out{{}, static_cast<int>(args.operands.size() - first)};
  for (std::size_t i = first; i < args.operands.size(); ++i) out.at[i - first] = in<T>(args, i);
  return out;
}

Capability few_operands(const StepView& step) {
  if (step.operands.size() > Scalars<float>::kMost)
    return Capability::no("it has more than " + std::to_string(Scalars<float>::kMost) + " operands");
  return as_it_lies(step);
}

void clip_scale(const Queue& queue, const Scalars<double>& sums, const float* loss_scale, double limit, float* scale,
                float* finite, float* norm) {
  launch(queue, 1, [=] FCNGRAPH_DEVICE(std::int64_t) {
    double squares = 0;
    for (int i = 0; i < sums.count; ++i) squares += *sums.at[i];
    const double by = loss_scale != nullptr ? static_cast<double>(*loss_scale) : 1.0;
    const double root = sqrt(squares) / by;
    const bool is_finite = root - root == 0;
    if (scale != nullptr)
      *scale = static_cast<float>(!is_finite ? 0.0 : (limit > 0 && root > limit ? limit / root : 1.0) / by);
    if (finite != nullptr) *finite = is_finite ? 1.0f : 0.0f;
    if (norm != nullptr) *norm = static_cast<float>(root);
  });
}

Enqueue prepare_clip_scale(const StepView& step) {
  return [limit = step.attrs->as<ClipScaleAttrs>().clip_norm](const LaunchArgs& args, const Queue& queue) {
    clip_scale(queue, scalars_of<double>(args, 1), in<float>(args, 0), limit, out<float>(args, 0), out<float>(args, 1),
               out<float>(args, 2));
  };
}

/// The images of a batch are few: one thread adds them.
FCNGRAPH_DEVICE inline double divisor_of(const float* counts, std::int64_t images, const float* normalizer) {
  if (normalizer != nullptr) return static_cast<double>(*normalizer);
  double sum = 0;
  for (std::int64_t n = 0; n < images; ++n) sum += static_cast<double>(counts[n]);
  return sum;
}

void mean_loss(const Queue& queue, std::int64_t images, const float* sums, const float* counts, const float* normalizer,
               float* loss) {
  launch(queue, 1, [=] FCNGRAPH_DEVICE(std::int64_t) {
    const double divisor = divisor_of(counts, images, normalizer);
    double sum = 0;
    for (std::int64_t n = 0; n < images; ++n) sum += static_cast<double>(sums[n]);
    *loss = divisor == 0 ? 0.0f : static_cast<float>(sum / divisor);
  });
}

Enqueue prepare_mean_loss(const StepView& step) {
  return [images = step.operands[0]->shape[0]](const LaunchArgs& args, const Queue& queue) {
    mean_loss(queue, images, in<float>(args, 0), in<float>(args, 1), in<float>(args, 2), out<float>(args, 0));
  };
}

void mean_loss_grad(const Queue& queue, std::int64_t images, const float* grad, const float* counts,
                    const float* normalizer, float* grad_loss_sum) {
  launch(queue, images, [=] FCNGRAPH_DEVICE(std::int64_t n) {
    const double divisor = divisor_of(counts, images, normalizer);
    grad_loss_sum[n] = divisor == 0 ? 0.0f : static_cast<float>(static_cast<double>(*grad) / divisor);
  });
}

Enqueue prepare_mean_loss_grad(const StepView& step) {
  return [images = step.operands[1]->shape[0]](const LaunchArgs& args, const Queue& queue) {
    mean_loss_grad(queue, images, in<float>(args, 0), in<float>(args, 1), in<float>(args, 2), out<float>(args, 0));
  };
}

struct Weights {
  static constexpr std::size_t kMost = 64;
  double of[kMost];
};

Capability can_weigh(const StepView& step) {
  if (step.operands.size() > Weights::kMost)
    return Capability::no("it has more than " + std::to_string(Weights::kMost) + " operands");
  return as_it_lies(step);
}

struct Values {
  const float* at[Weights::kMost];
  int count;
};

void weighted_sum(const Queue& queue, const Values& values, const Weights& weights, float* sum) {
  launch(queue, 1, [=] FCNGRAPH_DEVICE(std::int64_t) {
    double total = 0;
    for (int i = 0; i < values.count; ++i) total += weights.of[i] * static_cast<double>(*values.at[i]);
    *sum = static_cast<float>(total);
  });
}

Enqueue prepare_weighted_sum(const StepView& step) {
  const auto& given = step.attrs->as<WeightedSumAttrs>().weights;
  Weights weights{};
  for (std::size_t i = 0; i < step.operands.size(); ++i) weights.of[i] = i < given.size() ? given[i] : 1.0;
  return [weights](const LaunchArgs& args, const Queue& queue) {
    Values values{{}, static_cast<int>(args.operands.size())};
    for (std::size_t i = 0; i < args.operands.size(); ++i) values.at[i] = in<float>(args, i);
    weighted_sum(queue, values, weights, out<float>(args, 0));
  };
}

Capability anyhow(const StepView& step) { return as_it_lies(step); }

constexpr KernelDef kTable[] = {
    {"sum_to_channels", can_sum_to_channels, prepare_sum_to_channels},
    {"sum_squares", can_sum_squares, prepare_sum_squares},
    {"clip_scale", few_operands, prepare_clip_scale},
    {"mean_loss", anyhow, prepare_mean_loss},
    {"mean_loss_grad", anyhow, prepare_mean_loss_grad},
    {"weighted_sum", can_weigh, prepare_weighted_sum},
};

}  // namespace

std::span<const KernelDef> reduction_kernels() { return kTable; }

}  // namespace fcngraph::cudnn
