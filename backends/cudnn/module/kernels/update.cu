// SPDX-License-Identifier: Apache-2.0
// sgd, adam, adamw on f32 parameters and moments, whatever the convolutions are stored in: all parameters in one launch.
#include "update.h"

#include <cmath>

#include <fcngraph/engine/ops/optimizer.h>

#include "answers.h"
#include "kernel_def.h"

namespace fcngraph::cudnn {
namespace {

/// The numbers of rank 0 that an update reads on the device: rate and step change without a new plan.
struct Scalars {
  const float* lr;
  const std::int64_t* step;
  const float* scale;
  const float* finite;

  FCNGRAPH_DEVICE bool skip() const { return finite != nullptr && *finite == 0.0f; }
  FCNGRAPH_DEVICE double factor() const { return scale != nullptr ? static_cast<double>(*scale) : 1.0; }
};

/// `Tensor`s of several parameters whose elements are counted through: tensor t has those from `of[t].first` on.
template <class Tensor, std::size_t kMost>
struct Table {
  Tensor of[kMost];
  int count;
  std::int64_t elements;

  FCNGRAPH_DEVICE const Tensor& holding(std::int64_t element) const {
    int low = 0, high = count - 1;
    while (low < high) {
      const int middle = (low + high + 1) / 2;
      if (of[middle].first <= element)
        low = middle;
      else
        high = middle - 1;
    }
    return of[low];
  }
};

struct SgdTensor {
  float *param, *velocity;
  const float* grad;
  Scalars scalars;
  float momentum;
  bool nesterov;
  std::int64_t first;
};

/// What of an AdamStep is the same for all elements, worked out on the device, where rate and step are.
struct AdamFactors {
  float one_minus_beta1, one_minus_beta2, epsilon, alpha, decay, scale;
  bool skip;
};

struct AdamNumbers {
  Scalars scalars;
  double beta1, beta2, weight_decay;
  float epsilon;
  std::int64_t first;  ///< unused: each has one element, its factors
};

struct AdamTensor {
  float *param, *m, *v;
  const float* grad;
  const AdamFactors* factors;
  std::int64_t first;
};

constexpr std::size_t kArgumentBytes = 32764 - 64;
static_assert(sizeof(Table<SgdTensor, kMostUpdates>) < kArgumentBytes);
static_assert(sizeof(Table<AdamNumbers, kMostUpdates>) < kArgumentBytes);
static_assert(sizeof(Table<AdamTensor, kMostUpdates>) < kArgumentBytes);

template <std::size_t kMost>
void sgd(const Queue& queue, const Table<SgdTensor, kMost>& table) {
  launch(queue, table.elements, [=] FCNGRAPH_DEVICE(std::int64_t element) {
    const SgdTensor& at = table.holding(element);
    const std::int64_t i = element - at.first;
    if (at.scalars.skip()) return;
    const float step = static_cast<float>(static_cast<double>(*at.scalars.lr) * at.scalars.factor()) * at.grad[i];
    float change = -step;
    if (at.velocity != nullptr) {
      const float v = at.momentum * at.velocity[i] - step;
      change = at.nesterov ? at.momentum * v - step : v;
      at.velocity[i] = v;
    }
    at.param[i] += change;
  });
}

template <std::size_t kMost>
void adam_factors(const Queue& queue, const Table<AdamNumbers, kMost>& table, AdamFactors* factors) {
  launch(queue, table.count, [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const AdamNumbers& at = table.of[i];
    const double t = static_cast<double>(*at.scalars.step < 1 ? 1 : *at.scalars.step);
    const double lr = static_cast<double>(*at.scalars.lr);
    const double alpha = lr * sqrt(1 - pow(at.beta2, t)) / (1 - pow(at.beta1, t));
    factors[i] = {static_cast<float>(1 - at.beta1),
                  static_cast<float>(1 - at.beta2),
                  at.epsilon,
                  static_cast<float>(alpha),
                  static_cast<float>(at.weight_decay * lr),
                  static_cast<float>(at.scalars.factor()),
                  at.scalars.skip()};
  });
}

template <std::size_t kMost>
void adam(const Queue& queue, const Table<AdamTensor, kMost>& table) {
  launch(queue, table.elements, [=] FCNGRAPH_DEVICE(std::int64_t element) {
    const AdamTensor& at = table.holding(element);
    const std::int64_t i = element - at.first;
    const AdamFactors& by = *at.factors;
    if (by.skip) return;
    const float g = at.grad[i] * by.scale;
    const float m = at.m[i] + (g - at.m[i]) * by.one_minus_beta1;
    const float v = at.v[i] + (g * g - at.v[i]) * by.one_minus_beta2;
    at.m[i] = m;
    at.v[i] = v;
    const float param = at.param[i] - at.param[i] * by.decay;
    at.param[i] = param - m * by.alpha / (sqrtf(v) + by.epsilon);
  });
}

template <std::size_t kMost>
void run_sgd(std::span<const UpdateLaunch> updates, const Queue& queue) {
  Table<SgdTensor, kMost> table{};
  for (const UpdateLaunch& each : updates) {
    const LaunchArgs& args = each.args;
    table.of[table.count++] = {out<float>(args, 0),
                               out<float>(args, 1),
                               in<float>(args, 1),
                               {in<float>(args, 3), nullptr, in<float>(args, 4), in<float>(args, 5)},
                               static_cast<float>(each.update.momentum),
                               each.update.nesterov,
                               table.elements};
    table.elements += each.update.elements;
  }
  sgd(queue, table);
}

/// The first one's workspace has room for the factors of all: those of the others lie where gradients may still be wanted.
template <std::size_t kMost>
void run_adam(std::span<const UpdateLaunch> updates, const Queue& queue) {
  Table<AdamNumbers, kMost> numbers{};
  Table<AdamTensor, kMost> tensors{};
  auto* factors = at<AdamFactors>(updates.front().args.workspace);
  for (const UpdateLaunch& each : updates) {
    const LaunchArgs& args = each.args;
    const ParameterUpdate& update = each.update;
    numbers.of[numbers.count] = {
        {in<float>(args, 4), in<std::int64_t>(args, 5), in<float>(args, 6), in<float>(args, 7)},
        update.beta1,
        update.beta2,
        update.weight_decay,
        update.epsilon,
        0};
    tensors.of[tensors.count] = {out<float>(args, 0), out<float>(args, 1),     out<float>(args, 2),
                                 in<float>(args, 1),  factors + numbers.count, tensors.elements};
    ++numbers.count, ++tensors.count;
    tensors.elements += update.elements;
  }
  adam_factors(queue, numbers, factors);
  adam(queue, tensors);
}

Capability aligned(const StepView& step) { return side_by_side(step); }
/// Each has room for all that may run with it.
Capability with_factors(const StepView& step) { return side_by_side(step, kMostUpdates * sizeof(AdamFactors)); }

Enqueue prepare(const ParameterUpdate& update) {
  Enqueue enqueue([update](const LaunchArgs& args, const Queue& queue) {
    const UpdateLaunch one[] = {{update, args}};
    run_updates(one, queue);
  });
  enqueue.update = update;
  return enqueue;
}

Enqueue prepare_sgd(const StepView& step) {
  const auto& a = step.attrs->as<SgdAttrs>();
  return prepare({.rule = UpdateRule::sgd,
                  .elements = step.operands[0]->shape.elements(),
                  .momentum = a.momentum,
                  .nesterov = a.nesterov});
}

template <class A>
double weight_decay_of(const A& attrs) {
  if constexpr (std::is_same_v<A, AdamWAttrs>) return attrs.weight_decay;
  return 0.0;
}

template <class A>
Enqueue prepare_adam(const StepView& step) {
  const auto& a = step.attrs->as<A>();
  return prepare({.rule = UpdateRule::adam,
                  .elements = step.operands[0]->shape.elements(),
                  .beta1 = a.beta1,
                  .beta2 = a.beta2,
                  .weight_decay = weight_decay_of(a),
                  .epsilon = static_cast<float>(a.epsilon)});
}

constexpr KernelDef kTable[] = {
    {"sgd", aligned, prepare_sgd},
    {"adam", with_factors, prepare_adam<AdamAttrs>},
    {"adamw", with_factors, prepare_adam<AdamWAttrs>},
};

template <std::size_t kMost>
void run_table(std::span<const UpdateLaunch> updates, const Queue& queue) {
  if (updates.front().update.rule == UpdateRule::sgd)
    run_sgd<kMost>(updates, queue);
  else
    run_adam<kMost>(updates, queue);
}

}  // namespace

void run_updates(std::span<const UpdateLaunch> updates, const Queue& queue) {
  // Most models have few, for which fewer arguments have to be handed over.
  constexpr std::size_t kFew = 56;
  for (std::size_t first = 0; first < updates.size(); first += kMostUpdates) {
    const auto some = updates.subspan(first, std::min(kMostUpdates, updates.size() - first));
    some.size() <= kFew ? run_table<kFew>(some, queue) : run_table<kMostUpdates>(some, queue);
  }
}

std::span<const KernelDef> update_kernels() { return kTable; }

}  // namespace fcngraph::cudnn
