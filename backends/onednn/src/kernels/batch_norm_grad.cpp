// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/batch_norm.h>

#include "batch_norm.h"
#include "kernel_def.h"

namespace fcngraph::onednn::kernels {
namespace {

enum Operand : std::size_t { kGradY, kX, kGamma, kSavedMean, kSavedInvStd };
enum Result : std::size_t { kGradX, kGradGamma, kGradBeta };

/// grad_x = factor * (grad_y - (sum(grad_y) + xhat * sum(grad_y * xhat)) / count) as a * grad_y + b * x + c.
void finish_channels(const LaunchArgs& args, const ChannelWalk& walk, ChannelScratch& scratch) {
  const double count = static_cast<double>(walk.images * walk.pixels);
  for (std::int64_t c = 0; c < walk.channels; ++c) {
    const double mean = static_cast<double>(input(args, kSavedMean)[c]),
                 inv_std = static_cast<double>(input(args, kSavedInvStd)[c]);
    const double sum = scratch.total(0, c);
    const double normalized = (scratch.total(1, c) - mean * sum) * inv_std;
    put(optional_output(args, kGradGamma), c, normalized);
    put(optional_output(args, kGradBeta), c, sum);
    const double a = static_cast<double>(input(args, kGamma)[c]) * inv_std;
    const double b = -a * inv_std * normalized / count;
    scratch.factor(0)[c] = static_cast<float>(a);
    scratch.factor(1)[c] = static_cast<float>(b);
    scratch.factor(2)[c] = static_cast<float>(-a * sum / count - b * mean);
  }
}

Capability capability(const StepView& step, const KernelPolicy&) { return channel_capability(step); }

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  if (!channel_order(*step.operands[kX])) return nullptr;
  return loop_kernel([walk = ChannelWalk::over(*step.operands[kX])](const LaunchArgs& args) {
    ChannelScratch scratch(walk, args.workspace);
    const float *grad_y = input(args, kGradY), *x = input(args, kX);
    scratch.sum(grad_y, x);
    scratch.clear_factors();
    finish_channels(args, walk, scratch);
    float* grad_x = output(args, kGradX);
    if (grad_x == nullptr) return;
    walk.for_each([&](std::int64_t, std::int64_t group, std::int64_t at) {
      const std::int64_t c = group * walk.lanes;
      affine2_group(walk, walk.width(group), grad_x + at, grad_y + at, x + at, scratch.factor(0) + c,
                    scratch.factor(1) + c, scratch.factor(2) + c);
    });
  });
}

}  // namespace

const KernelDef& batch_norm_grad() {
  static const KernelDef def{"batch_norm_grad", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
