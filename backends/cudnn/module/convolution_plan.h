// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "autotune.h"
#include "convolution.h"

namespace fcngraph::cudnn {

/// One convolution as a graph of cuDNN, and the plan that runs it. The one place that includes cudnn_frontend.
class ConvolutionPlan final : public ConvolutionEngine {
 public:
  /// Describes the graph and has cudnn_frontend validate it, which needs neither a GPU nor the cuDNN library. Throws BackendError.
  explicit ConvolutionPlan(const PlanKey& key);
  ~ConvolutionPlan() override;
  ConvolutionPlan(const ConvolutionPlan&) = delete;
  ConvolutionPlan& operator=(const ConvolutionPlan&) = delete;

  /// Has cuDNN choose an engine by its heuristics. Empty, or a sentence why there is none. `handle` is a cudnnHandle_t.
  std::string build(void* handle);
  /// Builds every engine that may be timed instead, at most `most`. Empty, with a sentence in `why`, where there is none.
  std::vector<Candidate> build_candidates(void* handle, std::size_t most, std::string& why);
  /// Enqueues one of them; false where cuDNN refuses.
  bool run_candidate(const Queue& queue, const Candidate& candidate, const ConvolutionPointers& at,
                     void* workspace) const;
  /// Makes one of them the plan; false where cuDNN refuses.
  bool choose(std::int64_t index);
  /// What is said behind the engine's name: how it was chosen.
  void say(std::string remark);
  /// A built plan as bytes, and back: `restore` is false where this cuDNN does not take them.
  std::vector<std::uint8_t> bytes() const;
  bool restore(void* handle, const std::vector<std::uint8_t>& bytes);

  std::string name() const override;
  std::size_t workspace() const override;
  /// Enqueues; throws BackendError with cuDNN's words.
  void run(const Queue& queue, const ConvolutionPointers& at, void* workspace) const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fcngraph::cudnn
