// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/backend.h>

namespace fcngraph {

/// The CPU through oneDNN 2.6 or 3.x and OpenMP. Layout tags are oneDNN's names of its memory formats ("aBcd16b"); the weights
/// of a convolution in g groups lie in a format of rank 5, written "g<groups>:<name>".
const Backend& onednn_backend();

}  // namespace fcngraph
