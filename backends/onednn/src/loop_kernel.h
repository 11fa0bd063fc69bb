// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include <fcngraph/engine/backend.h>

namespace fcngraph::onednn {

/// A kernel that is a function of the addresses; everything else was captured when it was made.
template <class F>
class LoopKernel final : public Kernel {
 public:
  explicit LoopKernel(F run) : run_(std::move(run)) {}
  void launch(const LaunchArgs& args) override { run_(args); }

 private:
  F run_;
};

template <class F>
std::unique_ptr<Kernel> loop_kernel(F run) {
  return std::make_unique<LoopKernel<F>>(std::move(run));
}

/// Typed addresses of a launch; null where absent.
inline const float* input(const LaunchArgs& args, std::size_t i) {
  return reinterpret_cast<const float*>(args.operands[i]);
}
inline float* output(const LaunchArgs& args, std::size_t i) { return reinterpret_cast<float*>(args.results[i]); }

}  // namespace fcngraph::onednn
