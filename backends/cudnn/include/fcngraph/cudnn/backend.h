// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/backend.h>

namespace fcngraph {

/// NVIDIA GPUs by cuDNN and kernels of our own: the backend in libfcngraph_cudnn.so, where that is there and can run. Always built;
/// knows nothing of CUDA.
const Backend& cudnn_backend();

}  // namespace fcngraph
