// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/backend.h>

namespace fcngraph::testing {

/// The cuDNN backend as it decides and computes on a GPU, with its kernels compiled for the host. In the place of cuDNN stand loops
/// that read the same keys. `engines`: whether there are engines for keys; `fused`: also for those with something fused behind.
const Backend& cudnn_on_host(bool engines = true, bool fused = true);

/// The same with memory that the host is not shown, as a GPU's.
const Backend& cudnn_apart();

}  // namespace fcngraph::testing
