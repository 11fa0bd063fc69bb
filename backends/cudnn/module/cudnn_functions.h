// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cudnn.h>

namespace fcngraph::cudnn {

/// The module defines the few C functions of cuDNN that it and cudnn_frontend call, and passes each on to the library that was opened:
/// so it is linked with no cuDNN, and takes the one that a Python environment has. Call once, before any of them.
void use_cudnn_library(void* library);

}  // namespace fcngraph::cudnn
