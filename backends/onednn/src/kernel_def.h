// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include <fcngraph/engine/backend.h>

#include "device_context.h"

namespace fcngraph {
namespace onednn {

/// One op of this backend: what it answers to a proposal, and how it is made ready. `capability` may assume f32 tensors that are
/// not empty; both run with the policy's number of threads set.
struct KernelDef {
  std::string_view op;
  Capability (*capability)(const StepView& step, const KernelPolicy& policy) = nullptr;
  std::unique_ptr<Kernel> (*prepare)(const StepView& step, const DeviceContext& context) = nullptr;
  bool reads_double_scalars = false;  ///< tensors of rank 0 may be f64
};

/// The kernel of an op; null when this backend has none of its own.
const KernelDef* find_kernel(std::string_view op);

}  // namespace onednn

/// Every kernel of the build's list.
std::span<const onednn::KernelDef* const> onednn_kernels();

}  // namespace fcngraph
