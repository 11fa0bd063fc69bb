// SPDX-License-Identifier: Apache-2.0
// sgd, adam, adamw on f32 parameters and moments, whatever the convolutions are stored in.
#include <cmath>

#include <fcngraph/engine/ops/optimizer.h>

#include "answers.h"
#include "kernel_def.h"

namespace fcngraph::cudnn {
namespace {

Capability aligned(const StepView& step) { return side_by_side(step); }
std::int64_t elements(const StepView& step) { return step.operands[0]->shape.elements(); }

/// The numbers of rank 0 that an update reads on the device: rate and step change without a new plan.
struct Scalars {
  const float* lr;
  const std::int64_t* step;
  const float* scale;
  const float* finite;

  FCNGRAPH_DEVICE bool skip() const { return finite != nullptr && *finite == 0.0f; }
  FCNGRAPH_DEVICE double factor() const { return scale != nullptr ? static_cast<double>(*scale) : 1.0; }
};

struct SgdTensors {
  float *param, *velocity;
  const float* grad;
};

void sgd(const Queue& queue, std::int64_t n, const SgdTensors& at, const Scalars& scalars, float momentum,
         bool nesterov) {
  launch(queue, n, [=] FCNGRAPH_DEVICE(std::int64_t i) {
    if (scalars.skip()) return;
    const float step = static_cast<float>(static_cast<double>(*scalars.lr) * scalars.factor()) * at.grad[i];
    float change = -step;
    if (at.velocity != nullptr) {
      const float v = momentum * at.velocity[i] - step;
      change = nesterov ? momentum * v - step : v;
      at.velocity[i] = v;
    }
    at.param[i] += change;
  });
}

Enqueue prepare_sgd(const StepView& step) {
  const auto& a = step.attrs->as<SgdAttrs>();
  return [n = elements(step), momentum = static_cast<float>(a.momentum), nesterov = a.nesterov](const LaunchArgs& args,
                                                                                                const Queue& queue) {
    sgd(queue, n, {out<float>(args, 0), out<float>(args, 1), in<float>(args, 1)},
        {in<float>(args, 3), nullptr, in<float>(args, 4), in<float>(args, 5)}, momentum, nesterov);
  };
}

/// What of AdamStep is the same for all elements, worked out on the device, where rate and step are.
struct AdamFactors {
  float alpha, decay, scale;
};

struct AdamTensor {
  float *param, *m, *v;
  const float* grad;
  Scalars scalars;
  AdamNumbers numbers;
  AdamFactors* factors;
  std::int64_t first;  ///< number of its first element among those of all tensors
};

/// As many as the arguments of a kernel, 4 KiB, have room for.
struct AdamTensors {
  static constexpr int kMost = 30;
  AdamTensor of[kMost];
  int count;
  std::int64_t elements;

  FCNGRAPH_DEVICE int tensor_of(std::int64_t element) const {
    int low = 0, high = count - 1;
    while (low < high) {
      const int middle = (low + high + 1) / 2;
      if (of[middle].first <= element)
        low = middle;
      else
        high = middle - 1;
    }
    return low;
  }
};
static_assert(sizeof(AdamTensors) < 4000);

void adam_factors(const Queue& queue, const AdamTensors& tensors) {
  launch(queue, tensors.count, [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const AdamTensor& at = tensors.of[i];
    const double t = static_cast<double>(*at.scalars.step < 1 ? 1 : *at.scalars.step);
    const double lr = static_cast<double>(*at.scalars.lr);
    const double alpha = lr * sqrt(1 - pow(at.numbers.beta2, t)) / (1 - pow(at.numbers.beta1, t));
    at.factors->alpha = static_cast<float>(alpha);
    at.factors->decay = static_cast<float>(at.numbers.weight_decay * lr);
    at.factors->scale = static_cast<float>(at.scalars.factor());
  });
}

void adam(const Queue& queue, const AdamTensors& tensors) {
  launch(queue, tensors.elements, [=] FCNGRAPH_DEVICE(std::int64_t element) {
    const AdamTensor& at = tensors.of[tensors.tensor_of(element)];
    const std::int64_t i = element - at.first;
    if (at.scalars.skip()) return;
    const float g = at.grad[i] * at.factors->scale;
    const float m = at.m[i] + (g - at.m[i]) * static_cast<float>(1 - at.numbers.beta1);
    const float v = at.v[i] + (g * g - at.v[i]) * static_cast<float>(1 - at.numbers.beta2);
    at.m[i] = m;
    at.v[i] = v;
    const float param = at.param[i] - at.param[i] * at.factors->decay;
    at.param[i] = param - m * at.factors->alpha / (sqrtf(v) + at.numbers.epsilon);
  });
}

AdamTensor tensor_of(const AdamLaunch& launch, AdamFactors* factors, std::int64_t first) {
  const LaunchArgs& args = launch.args;
  return {out<float>(args, 0),
          out<float>(args, 1),
          out<float>(args, 2),
          in<float>(args, 1),
          {in<float>(args, 4), in<std::int64_t>(args, 5), in<float>(args, 6), in<float>(args, 7)},
          launch.update.numbers,
          factors,
          first};
}

/// Each has room for all that may run with it. The first one's is taken: those of the others lie where gradients may still be wanted.
Capability with_factors(const StepView& step) { return side_by_side(step, AdamTensors::kMost * sizeof(AdamFactors)); }

template <class A>
double weight_decay_of(const A& attrs) {
  if constexpr (std::is_same_v<A, AdamWAttrs>) return attrs.weight_decay;
  return 0.0;
}

template <class A>
Enqueue prepare_adam(const StepView& step) {
  const auto& a = step.attrs->as<A>();
  const AdamUpdate update{elements(step), {a.beta1, a.beta2, weight_decay_of(a), static_cast<float>(a.epsilon)}};
  Enqueue enqueue([update](const LaunchArgs& args, const Queue& queue) {
    const AdamLaunch one[] = {{update, args}};
    run_adam(one, queue);
  });
  enqueue.adam = update;
  return enqueue;
}

constexpr KernelDef kTable[] = {
    {"sgd", aligned, prepare_sgd},
    {"adam", with_factors, prepare_adam<AdamAttrs>},
    {"adamw", with_factors, prepare_adam<AdamWAttrs>},
};

}  // namespace

void run_adam(std::span<const AdamLaunch> updates, const Queue& queue) {
  for (std::size_t first = 0; first < updates.size(); first += AdamTensors::kMost) {
    const auto some = updates.subspan(first, std::min<std::size_t>(AdamTensors::kMost, updates.size() - first));
    AdamTensors tensors{};
    auto* factors = at<AdamFactors>(some.front().args.workspace);
    for (const AdamLaunch& one : some) {
      tensors.of[tensors.count] = tensor_of(one, factors + tensors.count, tensors.elements);
      ++tensors.count;
      tensors.elements += one.update.elements;
    }
    adam_factors(queue, tensors);
    adam(queue, tensors);
  }
}

std::span<const KernelDef> update_kernels() { return kTable; }

}  // namespace fcngraph::cudnn
