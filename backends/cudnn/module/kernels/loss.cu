// SPDX-License-Identifier: Apache-2.0
// cross_entropy and cross_entropy_of_probabilities with their gradients: f32, summed in double in a fixed order.
#include <cmath>

#include <fcngraph/engine/ops/cross_entropy.h>
#include <fcngraph/engine/ops/cross_entropy_of_probabilities.h>

#include "answers.h"
#include "kernel_def.h"
#include "labels.h"
#include "sums.h"

namespace fcngraph::cudnn {
namespace {

constexpr std::int64_t kDouble = sizeof(double);

Capability anyhow(const StepView& step) { return as_it_lies(step); }
Capability with_sums(const StepView& step) {
  const std::int64_t images = step.operands[0]->shape[0];
  return as_it_lies(step, (row_sum_doubles(images) + images) * kDouble);
}

/// Cross entropy of the softmax of logits, one pixel at a time.
struct OfLogits {
  FCNGRAPH_DEVICE float loss(const float* x, std::int64_t step, std::int64_t classes, std::int64_t label) const {
    float largest = x[0], sum = 0;
    for (std::int64_t c = 1; c < classes; ++c) largest = fmaxf(largest, x[c * step]);
    for (std::int64_t c = 0; c < classes; ++c) sum += expf(x[c * step] - largest);
    return logf(sum) - (x[label * step] - largest);
  }
  FCNGRAPH_DEVICE void grad(const float* x, std::int64_t step, std::int64_t classes, std::int64_t label, float factor,
                            float* to, std::int64_t to_step) const {
    float largest = x[0], sum = 0;
    for (std::int64_t c = 1; c < classes; ++c) largest = fmaxf(largest, x[c * step]);
    for (std::int64_t c = 0; c < classes; ++c) sum += expf(x[c * step] - largest);
    for (std::int64_t c = 0; c < classes; ++c)
      to[c * to_step] = factor * (expf(x[c * step] - largest) / sum - (c == label ? 1.0f : 0.0f));
  }
};

/// Keras's sparse_categorical_crossentropy of probabilities, which it holds within [clip, 1 - clip].
struct OfProbabilities {
  double clip;

  FCNGRAPH_DEVICE bool is_clipped(float p) const {
    return !(static_cast<double>(p) >= clip && static_cast<double>(p) <= 1 - clip);
  }
  FCNGRAPH_DEVICE double held(float p) const {
    return static_cast<double>(p) < clip ? clip : static_cast<double>(p) > 1 - clip ? 1 - clip : static_cast<double>(p);
  }
  FCNGRAPH_DEVICE double sum(const float* x, std::int64_t step, std::int64_t classes) const {
    double out = 0;
    for (std::int64_t c = 0; c < classes; ++c) out += held(x[c * step]);
    return out;
  }
  FCNGRAPH_DEVICE float loss(const float* x, std::int64_t step, std::int64_t classes, std::int64_t label) const {
    return static_cast<float>(log(sum(x, step, classes)) - log(held(x[label * step])));
  }
  FCNGRAPH_DEVICE void grad(const float* x, std::int64_t step, std::int64_t classes, std::int64_t label, float factor,
                            float* to, std::int64_t to_step) const {
    const double inverse = 1 / sum(x, step, classes), of_label = 1 / held(x[label * step]);
    for (std::int64_t c = 0; c < classes; ++c) {
      const double each = inverse - (c == label ? of_label : 0.0);
      to[c * to_step] = is_clipped(x[c * step]) ? 0.0f : static_cast<float>(static_cast<double>(factor) * each);
    }
  }
};

template <class Rule>
void losses(const Queue& queue, const Grid& grid, const Rule& rule, const Labels& labels, const float* x,
            double* scratch, float* loss_sum, float* count) {
  const std::int64_t pixels = grid.h * grid.w;
  double* totals = scratch + row_sum_doubles(grid.n);
  if (loss_sum != nullptr) {
    row_sums(queue, grid.n, pixels, scratch, totals, [=] FCNGRAPH_DEVICE(std::int64_t n, std::int64_t i) {
      const std::int64_t label = labels.at(n * pixels + i);
      if (!labels.counts(label)) return 0.0;
      const float* pixel = x + grid.at(grid.pixel(n * pixels + i));
      return static_cast<double>(labels.weight(label) * rule.loss(pixel, grid.sc, grid.c, label));
    });
    launch(queue, grid.n, [=] FCNGRAPH_DEVICE(std::int64_t n) { loss_sum[n] = static_cast<float>(totals[n]); });
  }
  if (count != nullptr) count_labels(queue, grid.n, pixels, labels, scratch, totals, count);
}

template <class Rule>
void gradients(const Queue& queue, const Grid& x_grid, const Grid& to_grid, const Rule& rule, const Labels& labels,
               const float* x, const float* grad_loss_sum, float* to) {
  launch(queue, x_grid.pixels(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = x_grid.pixel(i);
    const std::int64_t label = labels.at(i);
    float* first = to + to_grid.at(p);
    if (labels.counts(label)) {
      rule.grad(x + x_grid.at(p), x_grid.sc, x_grid.c, label, labels.weight(label) * grad_loss_sum[p.n], first,
                to_grid.sc);
    } else {
      for (std::int64_t c = 0; c < x_grid.c; ++c) first[c * to_grid.sc] = 0.0f;
    }
  });
}

template <class Rule>
Enqueue prepare_losses(const StepView& step, const Rule& rule, std::int64_t ignore) {
  return [grid = grid_of(*step.operands[0]), rule, ignore](const LaunchArgs& args, const Queue& queue) {
    const Labels labels{in<std::uint8_t>(args, 1), in<float>(args, 2), grid.c, ignore};
    losses(queue, grid, rule, labels, in<float>(args, 0), at<double>(args.workspace), out<float>(args, 0),
           out<float>(args, 1));
  };
}

template <class Rule>
Enqueue prepare_gradients(const StepView& step, const Rule& rule, std::int64_t ignore) {
  return [x = grid_of(*step.operands[0]), to = grid_of(*step.results[0]), rule, ignore](const LaunchArgs& args,
                                                                                        const Queue& queue) {
    const Labels labels{in<std::uint8_t>(args, 1), in<float>(args, 2), x.c, ignore};
    gradients(queue, x, to, rule, labels, in<float>(args, 0), in<float>(args, 3), out<float>(args, 0));
  };
}

Enqueue prepare_cross_entropy(const StepView& step) {
  return prepare_losses(step, OfLogits{}, step.attrs->as<CrossEntropyAttrs>().ignore);
}
Enqueue prepare_cross_entropy_grad(const StepView& step) {
  return prepare_gradients(step, OfLogits{}, step.attrs->as<CrossEntropyAttrs>().ignore);
}
Enqueue prepare_of_probabilities(const StepView& step) {
  const auto& a = step.attrs->as<CrossEntropyOfProbabilitiesAttrs>();
  return prepare_losses(step, OfProbabilities{a.clip}, a.ignore);
}
Enqueue prepare_of_probabilities_grad(const StepView& step) {
  const auto& a = step.attrs->as<CrossEntropyOfProbabilitiesAttrs>();
  return prepare_gradients(step, OfProbabilities{a.clip}, a.ignore);
}

constexpr KernelDef kTable[] = {
    {"cross_entropy", with_sums, prepare_cross_entropy},
    {"cross_entropy_grad", anyhow, prepare_cross_entropy_grad},
    {"cross_entropy_of_probabilities", with_sums, prepare_of_probabilities},
    {"cross_entropy_of_probabilities_grad", anyhow, prepare_of_probabilities_grad},
};

}  // namespace

std::span<const KernelDef> loss_kernels() { return kTable; }

}  // namespace fcngraph::cudnn
