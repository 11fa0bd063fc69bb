// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <fcngraph/engine/ops/conv2d.h>

namespace fcngraph::testing {

/// A convolution that nobody would write down as a test.
struct RandomConvolution {
  std::int64_t images = 1, channels = 1, height = 1, width = 1;
  Conv2dAttrs attrs;
  bool bias = true;
  std::string policy;       ///< auto, onednn, winograd, fourier, fourier_rows
  std::string storage;      ///< of weights that may be stored so: f32, f16, bf16
  std::string offered_tag;  ///< layout in which operands are offered
  int threads = 1;

  Extent2 sums() const { return window_output(attrs.window(), height, width); }
  /// Products that make one pixel.
  std::int64_t terms() const { return channels / attrs.groups * attrs.kernel.h * attrs.kernel.w; }
};

/// Number `index` of those of a seed. A quarter are drawn as 3x3 of stride 1, another with large kernels on small maps, the others have strides,
/// dilations and groups; extents, channels and the batch are whatever comes, as long as the plain loop takes no more than a moment.
RandomConvolution random_convolution(std::uint64_t seed, std::uint64_t index);

/// "seed 3, shape 17: x [2, 5, 7, 1], ..."
std::string to_string(const RandomConvolution& c);

}  // namespace fcngraph::testing
