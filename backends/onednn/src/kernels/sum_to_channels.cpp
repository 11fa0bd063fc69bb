// SPDX-License-Identifier: Apache-2.0
#include "channel_walk.h"
#include "elementwise.h"
#include "kernel_def.h"
#include "loop_kernel.h"

namespace fcngraph::onednn::kernels {
namespace {

Capability capability(const StepView& step, const KernelPolicy&) {
  const TensorType x = in_tag(*step.operands[0], walkable_tag(*step.operands[0]));
  const ChannelWalk walk = ChannelWalk::over(x);
  Capability answer =
      plain_capability(step, "loop", "sums of each image in double, then over images",
                       walk.images * walk.padded_channels() * static_cast<std::int64_t>(sizeof(double)));
  answer.operands[0] = x.layout;
  return answer;
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  if (!channel_order(*step.operands[0])) return nullptr;
  return loop_kernel([walk = ChannelWalk::over(*step.operands[0])](const LaunchArgs& args) {
    const float* x = input(args, 0);
    auto* partial = reinterpret_cast<double*>(args.workspace);
    const std::int64_t width = walk.padded_channels();
    walk.for_each([&](std::int64_t image, std::int64_t group, std::int64_t at) {
      sum_group(walk, walk.width(group), x + at, nullptr, partial + image * width + group * walk.lanes, nullptr);
    });
    for (std::int64_t c = 0; c < walk.channels; ++c) {
      double sum = 0;
      for (std::int64_t n = 0; n < walk.images; ++n) sum += partial[n * width + c];
      output(args, 0)[c] = static_cast<float>(sum);
    }
  });
}

}  // namespace

const KernelDef& sum_to_channels() {
  static const KernelDef def{"sum_to_channels", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
