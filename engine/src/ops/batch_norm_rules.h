// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string>
#include <vector>

#include <fcngraph/engine/ops/batch_norm.h>

#include "operand_checks.h"
#include "optional_view.h"

namespace fcngraph::ops {

enum BatchNormOperand : std::size_t { kX, kGamma, kBeta, kMean, kVariance };
enum BatchNormGradOperand : std::size_t { kGradY, kGradX, kGradGamma, kGradMean, kGradSpread };

/// What both forms ask of their operands and attributes.
inline bool batch_norm_fits(const InferContext& c) {
  const auto& a = c.attrs.as<BatchNormAttrs>();
  if (!c.expect_rank(kX, 4) || !expect_floating(c, kX, "x")) return false;
  if (!expect_between(c, "momentum", a.momentum, 0, 1)) return false;
  if (!(a.epsilon > 0 && a.epsilon <= std::numeric_limits<double>::max())) {
    c.error("expected epsilon above 0, got " + to_string(AttrValue(a.epsilon)));
    return false;
  }
  const TensorType& x = c.operand(kX);
  const Shape channels{x.shape[1]};
  return expect_type(c, kGamma, "gamma", x.dtype, channels) && expect_type(c, kBeta, "beta", x.dtype, channels) &&
         expect_type(c, kMean, "mean", x.dtype, channels) && expect_type(c, kVariance, "variance", x.dtype, channels);
}

/// Types of grad_x, grad_gamma and grad_beta.
inline std::vector<TensorType> infer_batch_norm_grad(const InferContext& c) {
  if (!c.expect_rank(kGradY, 4) || !expect_floating(c, kGradY, "grad_y")) return {};
  const TensorType& grad_y = c.operand(kGradY);
  if (!expect_type(c, kGradX, "x", grad_y.dtype, grad_y.shape)) return {};
  const TensorType channel{grad_y.dtype, Shape{grad_y.shape[1]}, {}};
  for (std::size_t i = kGradGamma; i <= kGradSpread; ++i) {
    if (!expect_type(c, i, "operand " + std::to_string(i), channel.dtype, channel.shape)) return {};
  }
  return {{grad_y.dtype, grad_y.shape, {}}, channel, channel};
}

inline std::vector<ParameterDef> batch_norm_parameters(const Attrs&, std::span<const TensorType> inputs) {
  const Shape channels{inputs[0].shape[1]};
  return {{"gamma", channels, {Initializer::Kind::ones, 0}},
          {"beta", channels, {Initializer::Kind::zeros, 0}},
          {"mean", channels, {Initializer::Kind::zeros, 0}},
          {"variance", channels, {Initializer::Kind::ones, 0}}};
}

/// Calls f(index) for every element of one channel, image by image.
template <class F>
void for_each_in_channel(const Shape& x, std::int64_t channel, F f) {
  const std::int64_t pixels = x[2] * x[3];
  for (std::int64_t n = 0; n < x[0]; ++n) {
    const std::int64_t first = (n * x[1] + channel) * pixels;
    for (std::int64_t i = first; i < first + pixels; ++i) f(i);
  }
}

/// Sums of a channel that its gradients are made of.
struct BatchNormSums {
  double grad = 0;             ///< of grad_y: the gradient of beta
  double grad_normalized = 0;  ///< of grad_y times the normalised x: the gradient of gamma
};

template <class T>
BatchNormSums batch_norm_sums(const Shape& shape, std::int64_t channel, const T* grad_y, const T* x, double mean,
                              double inv_std) {
  BatchNormSums sums;
  for_each_in_channel(shape, channel, [&](std::int64_t i) {
    sums.grad += static_cast<double>(grad_y[i]);
    sums.grad_normalized += static_cast<double>(grad_y[i]) * (static_cast<double>(x[i]) - mean) * inv_std;
  });
  return sums;
}

/// Cases of both forms; the variance that the inference form reads must be positive.
inline std::vector<OpCase> batch_norm_cases(double low, double high) {
  const auto one = [&](const char* name, Shape x, BatchNormAttrs attrs) {
    const TensorType channel{DType::f32, Shape{x[1]}, {}};
    return OpCase{.name = name,
                  .attrs = attrs,
                  .operands = {{DType::f32, std::move(x), {}}, channel, channel, channel, channel},
                  .absent = {},
                  .low = low,
                  .high = high};
  };
  return {one("rank4", {2, 3, 4, 5}, {}), one("one_image", {1, 2, 3, 3}, {.momentum = 0.5}),
          one("one_pixel", {6, 5, 1, 1}, {.momentum = 0.0, .epsilon = 0.1}),
          one("wide_channels", {2, 35, 3, 2}, {.momentum = 1.0, .epsilon = 1e-5})};
}

/// Cases of the two gradient ops.
inline std::vector<OpCase> batch_norm_grad_cases(const Attrs& attrs) {
  std::vector<OpCase> out;
  for (const Shape& shape : {Shape{2, 3, 4, 5}, Shape{6, 5, 1, 1}, Shape{2, 35, 3, 2}}) {
    const TensorType x{DType::f32, shape, {}}, channel{DType::f32, Shape{shape[1]}, {}};
    out.push_back({.name = "channels" + std::to_string(shape[1]),
                   .attrs = attrs,
                   .operands = {x, x, channel, channel, channel},
                   .absent = {},
                   .low = 0.1,
                   .high = 2.0,
                   .gradient = false});
  }
  return out;
}

}  // namespace fcngraph::ops
