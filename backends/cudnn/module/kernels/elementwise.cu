// SPDX-License-Identifier: Apache-2.0
// relu, relu_grad, add, scale, cast, l2_grad, accumulate, dropout: one element of each tensor at a time.
#include <cmath>

#include <fcngraph/engine/ops/dropout.h>
#include <fcngraph/engine/ops/gradient_norm.h>
#include <fcngraph/engine/ops/scale.h>
#include <fcngraph/engine/random.h>

#include "answers.h"
#include "kernel_def.h"

namespace fcngraph::cudnn {
namespace {

std::int64_t elements(const StepView& step) { return step.results[0]->shape.elements(); }
Capability aligned(const StepView& step) { return side_by_side(step); }

template <class T>
void relu(const Queue& queue, std::int64_t n, const T* x, T* y) {
  launch(queue, n, [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const float value = load(x[i]);
    // NaN stays NaN: a comparison the other way round would turn it into 0.
    store(y[i], value < 0.0f ? 0.0f : value);
  });
}

Enqueue prepare_relu(const StepView& step) {
  return [n = elements(step), type = step.results[0]->dtype](const LaunchArgs& args, const Queue& queue) {
    with_storage(type, [&]<class T>(T*) { relu<T>(queue, n, in<T>(args, 0), out<T>(args, 0)); });
  };
}

template <class T>
void relu_grad(const Queue& queue, std::int64_t n, const T* grad_y, const T* y, T* grad_x) {
  launch(queue, n,
         [=] FCNGRAPH_DEVICE(std::int64_t i) { store(grad_x[i], load(y[i]) > 0.0f ? load(grad_y[i]) : 0.0f); });
}

Enqueue prepare_relu_grad(const StepView& step) {
  return [n = elements(step), type = step.results[0]->dtype](const LaunchArgs& args, const Queue& queue) {
    with_storage(type, [&]<class T>(T*) { relu_grad<T>(queue, n, in<T>(args, 0), in<T>(args, 1), out<T>(args, 0)); });
  };
}

template <class T>
struct Terms {
  static constexpr int kMost = 16;
  const T* of[kMost];
  int count;
};

template <class T>
void add(const Queue& queue, std::int64_t n, const Terms<T>& terms, T* y) {
  launch(queue, n, [=] FCNGRAPH_DEVICE(std::int64_t i) {
    float sum = load(terms.of[0][i]);
    for (int t = 1; t < terms.count; ++t) sum += load(terms.of[t][i]);
    store(y[i], sum);
  });
}

Capability can_add(const StepView& step) {
  if (step.operands.size() > Terms<float>::kMost)
    return Capability::no("it adds more than " + std::to_string(Terms<float>::kMost) + " tensors");
  return side_by_side(step);
}

Enqueue prepare_add(const StepView& step) {
  return [n = elements(step), type = step.results[0]->dtype](const LaunchArgs& args, const Queue& queue) {
    with_storage(type, [&]<class T>(T*) {
      Terms<T> terms{{}, static_cast<int>(args.operands.size())};
      for (int t = 0; t < terms.count; ++t) terms.of[t] = in<T>(args, static_cast<std::size_t>(t));
      add<T>(queue, n, terms, out<T>(args, 0));
    });
  };
}

template <class T>
void scale(const Queue& queue, std::int64_t n, const T* x, double value, const float* factor, const double* wide,
           T* y) {
  launch(queue, n, [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const double by = value * (factor != nullptr ? static_cast<double>(*factor) : wide != nullptr ? *wide : 1.0);
    store(y[i], static_cast<float>(static_cast<double>(load(x[i])) * by));
  });
}

Enqueue prepare_scale(const StepView& step) {
  const bool wide = step.operands.size() > 1 && step.operands[1] != nullptr && step.operands[1]->dtype == DType::f64;
  return [n = elements(step), type = step.results[0]->dtype, wide, value = step.attrs->as<ScaleAttrs>().value](
             const LaunchArgs& args, const Queue& queue) {
    with_storage(type, [&]<class T>(T*) {
      scale<T>(queue, n, in<T>(args, 0), value, wide ? nullptr : in<float>(args, 1),
               wide ? in<double>(args, 1) : nullptr, out<T>(args, 0));
    });
  };
}

template <class From, class To>
void cast(const Queue& queue, std::int64_t n, const From* x, To* y) {
  launch(queue, n, [=] FCNGRAPH_DEVICE(std::int64_t i) { store(y[i], load(x[i])); });
}

Enqueue prepare_cast(const StepView& step) {
  return [n = elements(step), from = step.operands[0]->dtype, to = step.results[0]->dtype](const LaunchArgs& args,
                                                                                           const Queue& queue) {
    with_storage(from, [&]<class From>(From*) {
      with_storage(to, [&]<class To>(To*) { cast<From, To>(queue, n, in<From>(args, 0), out<To>(args, 0)); });
    });
  };
}

void l2_grad(const Queue& queue, std::int64_t n, const float* grad, const float* param, const float* loss_scale,
             double factor, float* sum) {
  launch(queue, n, [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const double by = loss_scale != nullptr ? factor * static_cast<double>(*loss_scale) : factor;
    sum[i] = static_cast<float>(static_cast<double>(grad[i]) + by * static_cast<double>(param[i]));
  });
}

Enqueue prepare_l2_grad(const StepView& step) {
  return [n = elements(step), factor = 2 * step.attrs->as<L2GradAttrs>().value](const LaunchArgs& args,
                                                                                const Queue& queue) {
    l2_grad(queue, n, in<float>(args, 0), in<float>(args, 1), in<float>(args, 2), factor, out<float>(args, 0));
  };
}

void accumulate(const Queue& queue, std::int64_t n, const float* sum, const float* x, const float* keep, float* y) {
  launch(queue, n, [=] FCNGRAPH_DEVICE(std::int64_t i) { y[i] = *keep != 0.0f ? sum[i] + x[i] : x[i]; });
}

Enqueue prepare_accumulate(const StepView& step) {
  return [n = elements(step)](const LaunchArgs& args, const Queue& queue) {
    accumulate(queue, n, in<float>(args, 0), in<float>(args, 1), in<float>(args, 2), out<float>(args, 0));
  };
}

/// What DropoutAttrs say, ready for the device.
struct DropoutRule {
  std::uint64_t name;       ///< hash of the key
  std::uint64_t threshold;  ///< of 53 random bits: from here on an element is kept
  float factor;
};

DropoutRule rule_of(const DropoutAttrs& attrs) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // as random_key(key, name)
  for (const char c : attrs.key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  // bits * 2^-53 >= rate, in integers.
  const auto threshold = static_cast<std::uint64_t>(std::ceil(std::ldexp(attrs.rate, 53)));
  return {hash, threshold, static_cast<float>(1 / (1 - attrs.rate))};
}

template <class T>
void dropout(const Queue& queue, const Grid& x_grid, const Grid& y_grid, const T* x, const std::int64_t* keys,
             const DropoutRule& rule, T* y) {
  launch(queue, x_grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = x_grid.place(i);
    const std::uint64_t stream = random_key(static_cast<std::uint64_t>(keys[p.n]), rule.name);
    const auto counter = static_cast<std::uint64_t>((p.h * x_grid.w + p.w) * x_grid.c + p.c);
    const bool kept = (random_bits(stream, counter) >> 11) >= rule.threshold;
    store(y[y_grid.at(p)], kept ? load(x[x_grid.at(p)]) * rule.factor : 0.0f);
  });
}

Enqueue prepare_dropout(const StepView& step) {
  return [x = grid_of(*step.operands[0]), y = grid_of(*step.results[0]), type = step.results[0]->dtype,
          rule = rule_of(step.attrs->as<DropoutAttrs>())](const LaunchArgs& args, const Queue& queue) {
    with_storage(type, [&]<class T>(T*) {
      dropout<T>(queue, x, y, in<T>(args, 0), in<std::int64_t>(args, 1), rule, out<T>(args, 0));
    });
  };
}

constexpr KernelDef kTable[] = {
    {"relu", aligned, prepare_relu},
    {"relu_grad", aligned, prepare_relu_grad},
    {"add", can_add, prepare_add},
    {"scale", aligned, prepare_scale},
    {"cast", aligned, prepare_cast},
    {"l2_grad", aligned, prepare_l2_grad},
    {"accumulate", aligned, prepare_accumulate},
    {"dropout", aligned, prepare_dropout},
};

}  // namespace

std::span<const KernelDef> elementwise_kernels() { return kTable; }

}  // namespace fcngraph::cudnn
