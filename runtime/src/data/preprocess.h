// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <fcngraph/engine/ops/normalize_pixels.h>

namespace fcngraph::data {

/// How 8-bit RGB becomes what a network reads.
enum class Preprocess {
  caffe,      ///< BGR minus 103.939, 116.779, 123.68
  tf,         ///< RGB / 127.5 - 1
  torch,      ///< (RGB / 255 - mean) / std of ImageNet: 0.485, 0.456, 0.406 and 0.229, 0.224, 0.225
  none,       ///< RGB, 0 to 255
  caffe_fcn,  ///< BGR minus 104.00699, 116.66877, 122.67892, the mean of Long et al. 2015
};

/// "caffe", "caffe_fcn", "tf", "torch", "none". Throws GraphError that names the known ones.
Preprocess preprocess_from(const std::string& name);

/// The same as the op `normalize_pixels` does it, to the bit.
NormalizePixelsAttrs normalization_of(Preprocess preprocess);

/// Preprocesses a row of `width` pixels, planar R, G, B in `rgb`, into row `row` of three planes of `plane` floats
/// each. `half`: as binary16 computes it, constants and all.
void preprocess_row(Preprocess preprocess, const float* rgb, std::int64_t width, float* row, std::int64_t plane,
                    bool half = false);

}  // namespace fcngraph::data
