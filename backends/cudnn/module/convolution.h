// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/engine/backend.h>

#include "direct_convolution.h"
#include "kernel_def.h"
#include "plan_key.h"

namespace fcngraph::cudnn {

/// Addresses of one launch; which of x, w and y is written follows from the kind.
struct ConvolutionPointers {
  void* x = nullptr;
  void* w = nullptr;
  void* y = nullptr;
  void* bias = nullptr;    ///< of the storage type
  void* addend = nullptr;  ///< like y
};

/// A convolution that some engine of cuDNN's runs. Lives as long as the source that it came from.
class ConvolutionEngine {
 public:
  virtual ~ConvolutionEngine() = default;
  virtual std::string name() const = 0;
  virtual std::size_t workspace() const = 0;
  virtual void run(const Queue& queue, const ConvolutionPointers& at, void* workspace) const = 0;
};

/// Where engines come from: cuDNN on a device, or a test.
class EngineSource {
 public:
  virtual ~EngineSource() = default;
  /// Null where there is no engine for the key; `why` then says so. Asked again, it answers the same.
  virtual const ConvolutionEngine* find(const PlanKey& key, std::string& why) = 0;
};

/// One of the six convolution ops as the convolution that it is: a transposed one is the data gradient of the convolution with the same
/// window.
struct ConvolutionStep {
  PlanKey key;
  /// Where the convolution's tensors are among the step's operands, or -1 for result 0.
  int x = 0, w = 1, y = -1;
  int bias = -1, addend = -1;  ///< operands; -1: absent
  std::string weight_layout;   ///< in which the weights are OHWI to the convolution
  bool transposed = false;
  std::string why_direct;  ///< why cuDNN is not asked; empty: it is
};
ConvolutionStep convolution_step(const StepView& step, const KernelPolicy& policy);

bool is_convolution(std::string_view op);
Capability convolution_capability(const StepView& step, const KernelPolicy& policy, EngineSource& engines);
Enqueue prepare_convolution(const StepView& step, const KernelPolicy& policy, EngineSource& engines);

}  // namespace fcngraph::cudnn
