// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/concat.h>

#include "elementwise.h"
#include "kernel_def.h"
#include "layout.h"
#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn::kernels {
namespace {

Capability capability(const StepView& step, const KernelPolicy&) {
  const auto& a = step.attrs->as<SliceChannelsAttrs>();
  const TensorType& x = *step.operands[0];
  Capability answer = plain_capability(step, "loop", "each image's channels are copied in one piece");
  if (step.results[0] == nullptr || x.layout.is_plain()) return answer;
  if (!is_contiguous(x, a.first, a.count) || !is_contiguous(x, 0, x.shape[1])) return answer;
  answer.operands[0] = x.layout;
  answer.results[0] = in_tag(*step.results[0], x.layout.tag).layout;
  return answer;
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const auto& a = step.attrs->as<SliceChannelsAttrs>();
  const Shape& x = step.operands[0]->shape;
  const std::int64_t images = x[0], channels = x[1], pixels = x[2] * x[3], first = a.first, count = a.count;
  return loop_kernel([=](const LaunchArgs& args) {
    parallel_for(images, [&](std::int64_t image) {
      std::copy_n(input(args, 0) + (image * channels + first) * pixels, count * pixels,
                  output(args, 0) + image * count * pixels);
    });
  });
}

}  // namespace

const KernelDef& slice_channels() {
  static const KernelDef def{"slice_channels", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
