// SPDX-License-Identifier: Apache-2.0
// batch_norm, batch_norm_inference and their gradients, on f32: statistics are no place for 16 bits.
#include <cmath>

#include <fcngraph/engine/ops/batch_norm.h>

#include "answers.h"
#include "kernel_def.h"
#include "sums.h"

namespace fcngraph::cudnn {
namespace {

constexpr std::int64_t kDouble = sizeof(double);

/// Scratch of a step that takes sums over each channel: the lanes, and two totals a channel.
Capability with_sums(const StepView& step) {
  const std::int64_t channels = step.operands[0]->shape[1];
  return side_by_side(step, (channel_sum_doubles(channels) + 2 * channels) * kDouble);
}
Capability aligned(const StepView& step) { return side_by_side(step); }

struct Scratch {
  double *lanes, *first, *second;
};
Scratch scratch_of(std::byte* workspace, std::int64_t channels) {
  auto* lanes = reinterpret_cast<double*>(workspace);
  double* first = lanes + channel_sum_doubles(channels);
  return {lanes, first, first + channels};
}

struct ForwardTensors {
  const float *x, *gamma, *beta, *mean, *variance;
  float *y, *new_mean, *new_variance, *saved_mean, *saved_inv_std;
};

void batch_norm(const Queue& queue, const Grid& grid, const ForwardTensors& t, const BatchNormAttrs& attrs,
                const Scratch& scratch) {
  const double count = static_cast<double>(grid.pixels()), momentum = attrs.momentum, epsilon = attrs.epsilon;
  double *sums = scratch.first, *squares = scratch.second;
  channel_sums(queue, grid, scratch.lanes, sums,
               [=] FCNGRAPH_DEVICE(const Place& p) { return static_cast<double>(t.x[grid.at(p)]); });
  // Two passes: the difference of two large sums would lose a small variance.
  channel_sums(queue, grid, scratch.lanes, squares, [=] FCNGRAPH_DEVICE(const Place& p) {
    const double d = static_cast<double>(t.x[grid.at(p)]) - sums[p.c] / count;
    return d * d;
  });
  launch(queue, grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = grid.place(i);
    const double mean = sums[p.c] / count, inv_std = 1 / sqrt(squares[p.c] / count + epsilon);
    if (t.y == nullptr) return;
    t.y[grid.at(p)] =
        static_cast<float>((static_cast<double>(t.x[grid.at(p)]) - mean) * inv_std * static_cast<double>(t.gamma[p.c]) +
                           static_cast<double>(t.beta[p.c]));
  });
  launch(queue, grid.c, [=] FCNGRAPH_DEVICE(std::int64_t c) {
    const double mean = sums[c] / count, variance = squares[c] / count;
    const auto blend = [&](float moving, double batch) {
      return static_cast<float>(static_cast<double>(moving) * momentum + batch * (1 - momentum));
    };
    if (t.new_mean != nullptr) t.new_mean[c] = blend(t.mean[c], mean);
    if (t.new_variance != nullptr) t.new_variance[c] = blend(t.variance[c], variance);
    if (t.saved_mean != nullptr) t.saved_mean[c] = static_cast<float>(mean);
    if (t.saved_inv_std != nullptr) t.saved_inv_std[c] = static_cast<float>(1 / sqrt(variance + epsilon));
  });
}

Enqueue prepare_batch_norm(const StepView& step) {
  return [grid = grid_of(*step.operands[0]), attrs = step.attrs->as<BatchNormAttrs>()](const LaunchArgs& args,
                                                                                       const Queue& queue) {
    const ForwardTensors t{in<float>(args, 0),  in<float>(args, 1),  in<float>(args, 2),  in<float>(args, 3),
                           in<float>(args, 4),  out<float>(args, 0), out<float>(args, 1), out<float>(args, 2),
                           out<float>(args, 3), out<float>(args, 4)};
    batch_norm(queue, grid, t, attrs, scratch_of(args.workspace, grid.c));
  };
}

void batch_norm_inference(const Queue& queue, const Grid& grid, const ForwardTensors& t, double epsilon) {
  launch(queue, grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = grid.place(i);
    const double inv_std = 1 / sqrt(static_cast<double>(t.variance[p.c]) + epsilon);
    const double centred = static_cast<double>(t.x[grid.at(p)]) - static_cast<double>(t.mean[p.c]);
    t.y[grid.at(p)] =
        static_cast<float>(centred * inv_std * static_cast<double>(t.gamma[p.c]) + static_cast<double>(t.beta[p.c]));
  });
}

Enqueue prepare_batch_norm_inference(const StepView& step) {
  return [grid = grid_of(*step.operands[0]), epsilon = step.attrs->as<BatchNormAttrs>().epsilon](const LaunchArgs& args,
                                                                                                 const Queue& queue) {
    ForwardTensors t{};
    t.x = in<float>(args, 0), t.gamma = in<float>(args, 1), t.beta = in<float>(args, 2);
    t.mean = in<float>(args, 3), t.variance = in<float>(args, 4), t.y = out<float>(args, 0);
    batch_norm_inference(queue, grid, t, epsilon);
  };
}

struct BackwardTensors {
  const float *grad_y, *x, *gamma, *mean, *spread;
  float *grad_x, *grad_gamma, *grad_beta;
};

/// Of a batch, `spread` is 1 / sqrt(variance + epsilon) and the statistics depend on x; of moving statistics it is the variance.
struct Spread {
  bool of_batch;
  double epsilon;
  FCNGRAPH_DEVICE double inv_std(float value) const {
    return of_batch ? static_cast<double>(value) : 1 / sqrt(static_cast<double>(value) + epsilon);
  }
};

void batch_norm_grad(const Queue& queue, const Grid& grid, const BackwardTensors& t, const Spread& spread,
                     const Scratch& scratch) {
  const double count = static_cast<double>(grid.pixels());
  double *sums = scratch.first, *normalized_sums = scratch.second;
  channel_sums(queue, grid, scratch.lanes, sums,
               [=] FCNGRAPH_DEVICE(const Place& p) { return static_cast<double>(t.grad_y[grid.at(p)]); });
  channel_sums(queue, grid, scratch.lanes, normalized_sums, [=] FCNGRAPH_DEVICE(const Place& p) {
    const std::int64_t at = grid.at(p);
    return static_cast<double>(t.grad_y[at]) * (static_cast<double>(t.x[at]) - static_cast<double>(t.mean[p.c])) *
           spread.inv_std(t.spread[p.c]);
  });
  launch(queue, grid.c, [=] FCNGRAPH_DEVICE(std::int64_t c) {
    if (t.grad_gamma != nullptr) t.grad_gamma[c] = static_cast<float>(normalized_sums[c]);
    if (t.grad_beta != nullptr) t.grad_beta[c] = static_cast<float>(sums[c]);
  });
  if (t.grad_x == nullptr) return;
  launch(queue, grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = grid.place(i);
    const std::int64_t at = grid.at(p);
    const double inv_std = spread.inv_std(t.spread[p.c]);
    double grad = static_cast<double>(t.grad_y[at]);
    if (spread.of_batch) {
      const double normalized = (static_cast<double>(t.x[at]) - static_cast<double>(t.mean[p.c])) * inv_std;
      grad -= (sums[p.c] + normalized * normalized_sums[p.c]) / count;
    }
    t.grad_x[at] = static_cast<float>(static_cast<double>(t.gamma[p.c]) * inv_std * grad);
  });
}

Enqueue prepare_grad(const StepView& step, const Spread& spread) {
  return [grid = grid_of(*step.operands[0]), spread](const LaunchArgs& args, const Queue& queue) {
    const BackwardTensors t{in<float>(args, 0), in<float>(args, 1),  in<float>(args, 2),  in<float>(args, 3),
                            in<float>(args, 4), out<float>(args, 0), out<float>(args, 1), out<float>(args, 2)};
    batch_norm_grad(queue, grid, t, spread, scratch_of(args.workspace, grid.c));
  };
}

Enqueue prepare_batch_norm_grad(const StepView& step) { return prepare_grad(step, {true, 0}); }
Enqueue prepare_batch_norm_inference_grad(const StepView& step) {
  return prepare_grad(step, {false, step.attrs->as<BatchNormAttrs>().epsilon});
}

constexpr KernelDef kTable[] = {
    {"batch_norm", with_sums, prepare_batch_norm},
    {"batch_norm_inference", aligned, prepare_batch_norm_inference},
    {"batch_norm_grad", with_sums, prepare_batch_norm_grad},
    {"batch_norm_inference_grad", with_sums, prepare_batch_norm_inference_grad},
};

}  // namespace

std::span<const KernelDef> normalization_kernels() { return kTable; }

}  // namespace fcngraph::cudnn
