// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "image.h"
#include "plan_key.h"

namespace fcngraph::cudnn {

/// A convolution by loops of our own, for what cuDNN has no engine for: any window, any groups. Slow. Sums in f32.
struct DirectConvolution {
  ConvolutionKind kind = ConvolutionKind::forward;
  DType storage = DType::f32;
  Grid x, w, y;  ///< of the convolution's input, weights (O, I, h, w) and output
  std::int64_t groups = 1;
  std::int64_t top = 0, left = 0;
  std::int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  /// The weights are those of a transposed convolution: [I of this convolution, O / groups], as OIHW of that op.
  bool transposed_weights = false;
};

/// The convolution of a key, all tensors packed with channels innermost, without what is fused behind it.
DirectConvolution direct_convolution(const PlanKey& key);

/// Writes w of `weight_gradient`, x of `data_gradient`, y of `forward`.
void run_direct(const Queue& queue, const DirectConvolution& convolution, void* x, void* w, void* y);

/// y = relu?(y + bias + addend), in f32, each where it is there. The bias has y's storage type.
void run_epilogue(const Queue& queue, DType storage, const Grid& y_grid, void* y, const void* bias, const void* addend,
                  bool relu);

}  // namespace fcngraph::cudnn
