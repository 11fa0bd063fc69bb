// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/crop.h>

#include "elementwise.h"
#include "kernel_def.h"
#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn::kernels {
namespace {

Capability capability(const StepView& step, const KernelPolicy&) {
  return plain_capability(step, "loop", "rows are copied");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const auto& a = step.attrs->as<PadAttrs>();
  const Pads pads = a.pads;
  const auto value = static_cast<float>(a.value);
  const Shape x = step.operands[0]->shape, y = step.results[0]->shape;
  return loop_kernel([=](const LaunchArgs& args) {
    parallel_for(y[0] * y[1], [&](std::int64_t plane) {
      const float* from = input(args, 0) + plane * x[2] * x[3];
      float* to = output(args, 0) + plane * y[2] * y[3];
      to = std::fill_n(to, pads.top * y[3], value);
      for (std::int64_t row = 0; row < x[2]; ++row, from += x[3]) {
        to = std::fill_n(to, pads.left, value);
        to = std::copy_n(from, x[3], to);
        to = std::fill_n(to, pads.right, value);
      }
      std::fill_n(to, pads.bottom * y[3], value);
    });
  });
}

}  // namespace

const KernelDef& pad() {
  static const KernelDef def{"pad", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
