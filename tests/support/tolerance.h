// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace fcngraph::testing {

/// How far a result in f32 may lie from the same loop in f64: |got - want| <= relative * max(|want|, rms(want)).
struct Tolerance {
  double relative = 0;
};

/// Half the distance of f32 numbers around 1: one rounding.
inline constexpr double kRounding = 0x1.0p-24;

/// A sum of K products in f32 is off by at most K roundings of the largest partial sum, and in practice by their random walk,
/// sqrt(K); vector lanes and tiles make K smaller. What is written here is three times that for the longest sum of the op's
/// cases, since signs are not that random. The root of the mean square of the result is about sqrt(K) times that of a term, so
/// it stands for the sums that cancel.
inline Tolerance tolerance_of(std::string_view op) {
  struct Row {
    std::string_view op;
    double roundings;
  };
  static constexpr Row kRows[] = {
      // K = I * kh * kw, at most 32 * 9 or 8 * 49 in the cases: 3 * sqrt(400).
      {"conv2d", 60},
      {"conv2d_grad_input", 60},
      {"conv2d_transpose", 60},
      {"conv2d_transpose_grad_input", 60},
      // K = N * H * W, at most 200 in the cases.
      {"conv2d_grad_weight", 45},
      {"conv2d_transpose_grad_weight", 45},
      {"sum_to_channels", 45},
      // A mean of at most 49 numbers, and one division.
      {"avg_pool2d", 22},
      {"avg_pool2d_grad", 22},
      {"max_pool2d_grad", 6},
      // Four products whose weights are rounded too; the gradient sums up to (2 f)^2 of them, f = 8 at most: 3 * 16.
      {"upsample", 16},
      {"upsample_grad", 60},
      // Sums in f64, then four operations that each round; the variance cancels in x - mean: a few ulp of the largest x.
      {"batch_norm", 24},
      {"batch_norm_grad", 60},
      {"batch_norm_inference", 16},
      {"batch_norm_inference_grad", 60},
      // An exponential of 1e-7, a sum of at most 21 of them, a division or a logarithm.
      {"softmax", 24},
      {"softmax_grad", 24},
      {"cross_entropy", 24},
      {"cross_entropy_grad", 24},
      // Logits of four products each, then the same; the gradient sums up to (2 f)^2 pixels of it, f = 32 at most: 3 * 64.
      {"region", 192},
      // An update rounds its constants and four to ten operations; the parameter itself is of the order of 1.
      {"sgd", 16},
      {"adam", 32},
      {"adamw", 32},
  };
  for (const Row& row : kRows) {
    if (row.op == op) return {row.roundings * kRounding};
  }
  // Everything else rounds a handful of operations: add, scale, dropout, l2_grad, sums in f64 that end in f32.
  return {4 * kRounding};
}

}  // namespace fcngraph::testing
