// SPDX-License-Identifier: Apache-2.0
#include "elementwise.h"
#include "kernel_def.h"
#include "layout.h"
#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn::kernels {
namespace {

FCNGRAPH_VECTORIZED void add_row(float* sum, const float* a, const float* b, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) sum[i] = a[i] + b[i];
}

Capability capability(const StepView& step, const KernelPolicy&) {
  return same_layout_capability(step, "loop", "one pass over memory in any layout");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  return loop_kernel([n = physical_elements(*step.operands[0])](const LaunchArgs& args) {
    float* y = output(args, 0);
    if (args.operands.size() == 1)
      return copy_bytes(args.results[0], args.operands[0], static_cast<std::size_t>(n) * sizeof(float));
    parallel_chunks(n, [&](std::int64_t first, std::int64_t count) {
      add_row(y + first, input(args, 0) + first, input(args, 1) + first, count);
      for (std::size_t i = 2; i < args.operands.size(); ++i)
        add_row(y + first, y + first, input(args, i) + first, count);
    });
  });
}

}  // namespace

const KernelDef& add() {
  static const KernelDef def{"add", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
