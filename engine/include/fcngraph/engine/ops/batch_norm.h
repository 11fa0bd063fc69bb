// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph {

/// Keras's conventions: moving = moving * momentum + batch * (1 - momentum), with the biased variance of the batch.
struct BatchNormAttrs {
  double momentum = 0.99;
  double epsilon = 1e-3;
  static constexpr auto fields() {
    return std::tuple{Field{"momentum", &BatchNormAttrs::momentum, "share of the moving statistics that a step keeps"},
                      Field{"epsilon", &BatchNormAttrs::epsilon, "added to the variance before its root is taken"}};
  }
};

namespace ops {

/// Training form: (x[N,C,H,W], gamma[C], beta[C], mean[C], variance[C]) -> (y, new_mean, new_variance, saved_mean[C],
/// saved_inv_std[C]), y = (x - saved_mean) * saved_inv_std * gamma + beta with the moments of each channel over
/// images and pixels, saved_inv_std = 1 / sqrt(variance of the batch + epsilon). Only y is differentiable.
FCNGRAPH_API const OpDef& batch_norm();
/// (grad_y, x, gamma, saved_mean, saved_inv_std) -> (grad_x, grad_gamma, grad_beta)
FCNGRAPH_API const OpDef& batch_norm_grad();
/// Inference form: the same operands -> y, by the moving statistics. Differentiable in x, gamma and beta.
FCNGRAPH_API const OpDef& batch_norm_inference();
/// (grad_y, x, gamma, mean, variance) -> (grad_x, grad_gamma, grad_beta)
FCNGRAPH_API const OpDef& batch_norm_inference_grad();

}  // namespace ops
}  // namespace fcngraph
