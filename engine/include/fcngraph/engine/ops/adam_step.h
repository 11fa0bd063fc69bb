// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace fcngraph {

/// One step of Adam in Keras's form: alpha = lr * sqrt(1 - beta2^t) / (1 - beta1^t), m += (g - m)(1 - beta1), v +=
/// (g^2 - v)(1 - beta2), param -= alpha * m / (sqrt(v) + epsilon). AdamW first takes param * weight_decay * lr off
/// param. What is the same for all elements is worked out once; `apply` has no branches and calls nothing but a
/// square root.
template <class T>
struct AdamStep {
  T one_minus_beta1, one_minus_beta2, epsilon, alpha, decay, scale;

  /// `attrs` is AdamAttrs or AdamWAttrs; `step` counts from 1 (less counts as 1); `gradient_scale` multiplies the
  /// gradient.
  template <class A>
  static AdamStep make(const A& attrs, double weight_decay, double lr, std::int64_t step, double gradient_scale) {
    const double t = static_cast<double>(std::max<std::int64_t>(step, 1));
    const double alpha = lr * std::sqrt(1 - std::pow(attrs.beta2, t)) / (1 - std::pow(attrs.beta1, t));
    return {static_cast<T>(1 - attrs.beta1), static_cast<T>(1 - attrs.beta2),   static_cast<T>(attrs.epsilon),
            static_cast<T>(alpha),           static_cast<T>(weight_decay * lr), static_cast<T>(gradient_scale)};
  }

  void apply(T grad, T& param, T& m, T& v) const {
    const T g = grad * scale;
    m += (g - m) * one_minus_beta1;
    v += (g * g - v) * one_minus_beta2;
    param -= param * decay;
    param -= m * alpha / (std::sqrt(v) + epsilon);
  }
};

}  // namespace fcngraph
