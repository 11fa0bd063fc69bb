// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "convolution_plan.h"

namespace fcngraph::cudnn {

/// Tensors of a convolution on the GPU, filled with noise, on which its engines are timed; given back at the end.
class TimingBench {
 public:
  /// Throws BackendError where the GPU has not the memory.
  TimingBench(const ConvolutionPlan& plan, const PlanKey& key, const Queue& queue, std::size_t workspace);
  ~TimingBench();
  TimingBench(const TimingBench&) = delete;
  TimingBench& operator=(const TimingBench&) = delete;

  /// One run with nothing of its tensors in the GPU's cache, by the GPU's clock.
  std::optional<double> time(const Candidate& candidate);

 private:
  void* allocate(std::size_t bytes);
  void* noise(std::int64_t elements, DType storage);
  void release() noexcept;

  const ConvolutionPlan& plan_;
  Queue queue_;
  std::vector<void*> memory_;
  ConvolutionPointers at_;
  void* workspace_ = nullptr;
  void* flush_ = nullptr;
  void* events_[2] = {nullptr, nullptr};
};

}  // namespace fcngraph::cudnn
