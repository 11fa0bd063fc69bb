// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/batch_norm.h>

#include <cmath>

#include "batch_norm.h"
#include "kernel_def.h"

namespace fcngraph::onednn::kernels {
namespace {

enum Operand : std::size_t { kX, kGamma, kBeta, kMean, kVariance };
enum Result : std::size_t { kY, kNewMean, kNewVariance, kSavedMean, kSavedInvStd };

/// Statistics of each channel, their moving averages, and y = a * x + b.
void finish_channels(const LaunchArgs& args, const BatchNormAttrs& a, const ChannelWalk& walk,
                     ChannelScratch& scratch) {
  const double count = static_cast<double>(walk.images * walk.pixels);
  for (std::int64_t c = 0; c < walk.channels; ++c) {
    const double mean = scratch.total(0, c) / count;
    // The difference of two sums in double keeps the variance of numbers in single.
    const double variance = std::max(scratch.total(1, c) / count - mean * mean, 0.0);
    const double inv_std = 1 / std::sqrt(variance + a.epsilon);
    const double factor = static_cast<double>(input(args, kGamma)[c]) * inv_std;
    scratch.factor(0)[c] = static_cast<float>(factor);
    scratch.factor(1)[c] = static_cast<float>(static_cast<double>(input(args, kBeta)[c]) - mean * factor);
    put(optional_output(args, kNewMean), c,
        static_cast<double>(input(args, kMean)[c]) * a.momentum + mean * (1 - a.momentum));
    put(optional_output(args, kNewVariance), c,
        static_cast<double>(input(args, kVariance)[c]) * a.momentum + variance * (1 - a.momentum));
    put(optional_output(args, kSavedMean), c, mean);
    put(optional_output(args, kSavedInvStd), c, inv_std);
  }
}

Capability capability(const StepView& step, const KernelPolicy&) { return channel_capability(step); }

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  if (!channel_order(*step.operands[kX])) return nullptr;
  return loop_kernel(
      [walk = ChannelWalk::over(*step.operands[kX]), a = step.attrs->as<BatchNormAttrs>()](const LaunchArgs& args) {
        ChannelScratch scratch(walk, args.workspace);
        const float* x = input(args, kX);
        scratch.sum(x, x);
        scratch.clear_factors();
        finish_channels(args, a, walk, scratch);
        float* y = output(args, kY);
        if (y == nullptr) return;
        walk.for_each([&](std::int64_t, std::int64_t group, std::int64_t at) {
          const std::int64_t c = group * walk.lanes;
          affine_group(walk, walk.width(group), y + at, x + at, scratch.factor(0) + c, scratch.factor(1) + c);
        });
      });
}

}  // namespace

const KernelDef& batch_norm() {
  static const KernelDef def{"batch_norm", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
