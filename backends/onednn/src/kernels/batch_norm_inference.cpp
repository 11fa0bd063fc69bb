// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/batch_norm.h>

#include <cmath>

#include "batch_norm.h"
#include "kernel_def.h"

namespace fcngraph::onednn::kernels {
namespace {

enum Operand : std::size_t { kX, kGamma, kBeta, kMean, kVariance };

Capability capability(const StepView& step, const KernelPolicy&) { return channel_capability(step); }

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  if (!channel_order(*step.operands[kX])) return nullptr;
  const double epsilon = step.attrs->as<BatchNormAttrs>().epsilon;
  return loop_kernel([walk = ChannelWalk::over(*step.operands[kX]), epsilon](const LaunchArgs& args) {
    ChannelScratch scratch(walk, args.workspace);
    scratch.clear_factors();
    for (std::int64_t c = 0; c < walk.channels; ++c) {
      const double inv_std = 1 / std::sqrt(static_cast<double>(input(args, kVariance)[c]) + epsilon);
      const double factor = static_cast<double>(input(args, kGamma)[c]) * inv_std;
      scratch.factor(0)[c] = static_cast<float>(factor);
      scratch.factor(1)[c] = static_cast<float>(static_cast<double>(input(args, kBeta)[c]) -
                                                static_cast<double>(input(args, kMean)[c]) * factor);
    }
    walk.for_each([&](std::int64_t, std::int64_t group, std::int64_t at) {
      const std::int64_t c = group * walk.lanes;
      affine_group(walk, walk.width(group), output(args, 0) + at, input(args, kX) + at, scratch.factor(0) + c,
                   scratch.factor(1) + c);
    });
  });
}

}  // namespace

const KernelDef& batch_norm_inference() {
  static const KernelDef def{"batch_norm_inference", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
