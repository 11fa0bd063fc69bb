// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/batch_norm.h>

#include <cmath>

#include "batch_norm.h"
#include "kernel_def.h"

namespace fcngraph::onednn::kernels {
namespace {

enum Operand : std::size_t { kGradY, kX, kGamma, kMean, kVariance };
enum Result : std::size_t { kGradX, kGradGamma, kGradBeta };

void finish_channels(const LaunchArgs& args, double epsilon, const ChannelWalk& walk, ChannelScratch& scratch) {
  for (std::int64_t c = 0; c < walk.channels; ++c) {
    const double mean = static_cast<double>(input(args, kMean)[c]);
    const double inv_std = 1 / std::sqrt(static_cast<double>(input(args, kVariance)[c]) + epsilon);
    const double sum = scratch.total(0, c);
    put(optional_output(args, kGradGamma), c, (scratch.total(1, c) - mean * sum) * inv_std);
    put(optional_output(args, kGradBeta), c, sum);
    scratch.factor(0)[c] = static_cast<float>(static_cast<double>(input(args, kGamma)[c]) * inv_std);
  }
}

Capability capability(const StepView& step, const KernelPolicy&) { return channel_capability(step); }

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  if (!channel_order(*step.operands[kX])) return nullptr;
  const double epsilon = step.attrs->as<BatchNormAttrs>().epsilon;
  return loop_kernel([walk = ChannelWalk::over(*step.operands[kX]), epsilon](const LaunchArgs& args) {
    ChannelScratch scratch(walk, args.workspace);
    const float* grad_y = input(args, kGradY);
    scratch.sum(grad_y, input(args, kX));
    scratch.clear_factors();
    finish_channels(args, epsilon, walk, scratch);
    float* grad_x = output(args, kGradX);
    if (grad_x == nullptr) return;
    walk.for_each([&](std::int64_t, std::int64_t group, std::int64_t at) {
      const std::int64_t c = group * walk.lanes;
      affine_group(walk, walk.width(group), grad_x + at, grad_y + at, scratch.factor(0) + c, scratch.factor(1) + c);
    });
  });
}

}  // namespace

const KernelDef& batch_norm_inference_grad() {
  static const KernelDef def{"batch_norm_inference_grad", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
