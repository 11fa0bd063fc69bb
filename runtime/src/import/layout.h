// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/import.h>

#include "import/source.h"

namespace fcngraph::import {

/// Brings the tensors of a Keras model into our names and shapes, a row of `report` for each.
///
///   convolution   (H, W, I, O)            <layer>.weight [O, I, H, W]
///   depthwise     (H, W, C, M)            <layer>.weight [C M, 1, H, W]
///   dense         (H W I, O)              <layer>.weight [O, I, H, W]: Keras flattens a feature in the order H, W, C. I is the
///                                         number of outputs of the layer before, H = W; with nothing before it that fits, H = W = 1
///   bias, gamma, beta, mean, variance     <layer>.<the same>
///
/// Numbers become f32. Throws IoError that names the tensor for a value that is not finite, and for two layers of one name.
void place_keras(const Source& source, const std::string& file, ImportedWeights& out);

}  // namespace fcngraph::import
