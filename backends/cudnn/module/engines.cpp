// SPDX-License-Identifier: Apache-2.0
#include "engines.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cudnn_functions.h"
#include "engine_timer.h"

namespace fcngraph::cudnn {
namespace {

std::vector<std::uint8_t> contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Whole or not at all: another process may read it. A cache that cannot be written is no mistake.
void replace(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  const std::string part = path + "." + std::to_string(getpid()) + ".part";
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  std::ofstream file(part, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (file.good()) std::filesystem::rename(part, path, ignored);
  std::filesystem::remove(part, ignored);
}

std::string milliseconds(double seconds) {
  char text[32];
  (void)std::snprintf(text, sizeof text, "%.3f ms", 1e3 * seconds);
  return text;
}

}  // namespace

CudnnEngines::CudnnEngines(const Libraries& libraries) : libraries_(libraries) {
  const char* folder = std::getenv("FCNGRAPH_PLAN_CACHE");
  if (folder == nullptr || !libraries_.complete()) return;
  cache_.machine = machine_text(libraries_.device_name, libraries_.compute_capability, libraries_.driver_version,
                                libraries_.cudnn_version);
  cache_path_ = plan_path(folder, cache_.machine);
  cache_ = PlanFile::read(contents(cache_path_), cache_.machine);
}

void* CudnnEngines::handle() {
  if (handle_ != nullptr) return handle_;
  cudnnHandle_t made = nullptr;
  if (const cudnnStatus_t status = cudnnCreate(&made); status != CUDNN_STATUS_SUCCESS)
    throw BackendError("cudnn", std::string("cuDNN does not start: ") + cudnnGetErrorString(status));
  return handle_ = made;
}

void CudnnEngines::save(const PlanKey& key, const ConvolutionPlan& plan, double seconds) {
  if (cache_path_.empty()) return;
  auto bytes = plan.bytes();
  if (bytes.empty()) return;
  cache_.plans[to_string(key)] = {std::move(bytes), seconds};
  replace(cache_path_, cache_.bytes());
}

CudnnEngines::Found CudnnEngines::make(const PlanKey& key) {
  if (!libraries_.complete()) return {nullptr, libraries_.missing};
  auto plan = std::make_unique<ConvolutionPlan>(key);
  if (const auto kept = cache_.plans.find(to_string(key)); kept != cache_.plans.end()) {
    if (plan->restore(handle(), kept->second.bytes)) {
      if (key.autotune) plan->say("kept as the fastest: " + milliseconds(kept->second.seconds));
      return {std::move(plan), {}};
    }
    plan = std::make_unique<ConvolutionPlan>(key);
  }
  std::string untimed;
  if (key.autotune) {
    double seconds = 0;
    untimed = tune(*plan, key, seconds);
    if (untimed.empty()) {
      save(key, *plan, seconds);
      return {std::move(plan), {}};
    }
    plan = std::make_unique<ConvolutionPlan>(key);
  }
  if (std::string why = plan->build(handle()); !why.empty()) return {nullptr, std::move(why)};
  if (untimed.empty())
    save(key, *plan, 0);
  else
    plan->say("by heuristics, since none could be timed: " + untimed);
  return {std::move(plan), {}};
}

std::string CudnnEngines::tune(ConvolutionPlan& plan, const PlanKey& key, double& seconds) try {
  const TuningRules rules;
  std::string why;
  const std::vector<Candidate> candidates = plan.build_candidates(handle(), rules.most, why);
  if (candidates.empty()) return why;
  std::size_t workspace = 0;
  for (const Candidate& c : candidates) {
    if (c.workspace <= rules.workspace) workspace = std::max(workspace, c.workspace);
  }
  TimingBench bench(plan, key, {nullptr, handle()}, workspace);
  const auto found = fastest(
      candidates, [&](const Candidate& candidate) { return bench.time(candidate); }, rules);
  if (!found) return "each of them failed";
  if (!plan.choose(found->index)) return "the fastest is gone";
  seconds = found->seconds;
  plan.say("the fastest of " + std::to_string(found->timed) + " that were timed: " + milliseconds(seconds));
  return {};
} catch (const BackendError& e) {
  return e.what();
}

const ConvolutionEngine* CudnnEngines::find(const PlanKey& key, std::string& why) {
  const std::lock_guard lock(mutex_);
  auto known = found_.find(key);
  if (known == found_.end()) known = found_.emplace(key, make(key)).first;
  why = known->second.why;
  return known->second.plan.get();
}

}  // namespace fcngraph::cudnn
