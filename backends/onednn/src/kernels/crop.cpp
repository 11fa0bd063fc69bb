// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/crop.h>

#include "elementwise.h"
#include "kernel_def.h"
#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn::kernels {
namespace {

Capability capability(const StepView& step, const KernelPolicy&) {
  if (step.operands.size() > 1 && step.operands[1] != nullptr)
    return Capability::no("it is cut to the size of another tensor, whose place align_crops has not found");
  return plain_capability(step, "loop", "rows are copied");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const Pads pads = step.attrs->as<CropAttrs>().pads;
  const Shape x = step.operands[0]->shape, y = step.results[0]->shape;
  return loop_kernel([=](const LaunchArgs& args) {
    parallel_for(y[0] * y[1], [&](std::int64_t plane) {
      const float* from = input(args, 0) + (plane * x[2] + pads.top) * x[3] + pads.left;
      float* to = output(args, 0) + plane * y[2] * y[3];
      for (std::int64_t row = 0; row < y[2]; ++row, from += x[3], to += y[3]) std::copy_n(from, y[3], to);
    });
  });
}

}  // namespace

const KernelDef& crop() {
  static const KernelDef def{"crop", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
