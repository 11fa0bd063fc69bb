// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "convolution.h"
#include "convolution_plan.h"
#include "libraries.h"
#include "plan_file.h"

namespace fcngraph::cudnn {

/// cuDNN's engines for this machine's GPU, each found once, so that a run never has two for one key: by cuDNN's heuristics, or, where
/// the key asks for it, by timing those that there are. With FCNGRAPH_PLAN_CACHE set to a folder, they are kept there between runs.
/// Where there is no GPU, every convolution is told so. Safe to share between threads.
class CudnnEngines final : public EngineSource {
 public:
  explicit CudnnEngines(const Libraries& libraries);
  const ConvolutionEngine* find(const PlanKey& key, std::string& why) override;

 private:
  struct Found {
    std::unique_ptr<ConvolutionPlan> plan;  ///< null: there is none
    std::string why;
  };
  Found make(const PlanKey& key);
  /// Empty, and how long the fastest engine took; or why none could be timed.
  std::string tune(ConvolutionPlan& plan, const PlanKey& key, double& seconds);
  void* handle();
  void save(const PlanKey& key, const ConvolutionPlan& plan, double seconds);

  const Libraries& libraries_;
  std::mutex mutex_;
  void* handle_ = nullptr;
  std::string cache_path_;  ///< empty: nothing is kept
  PlanFile cache_;
  std::map<PlanKey, Found> found_;
};

}  // namespace fcngraph::cudnn
