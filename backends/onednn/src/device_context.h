// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include <fcngraph/engine/backend.h>

namespace fcngraph::onednn {

/// What a kernel is made with.
struct DeviceContext {
  dnnl::engine engine;
  dnnl::stream stream;
  KernelPolicy policy;
};

/// The CPU. One for the process: engines hold no state, and oneDNN's cache of primitives is keyed by them.
const dnnl::engine& cpu_engine();

}  // namespace fcngraph::onednn
