// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/accumulate.h>

#include "elementwise.h"
#include "kernel_def.h"
#include "layout.h"
#include "update_step.h"

namespace fcngraph::onednn::kernels {
namespace {

enum Operand : std::size_t { kSum, kX, kKeep };

FCNGRAPH_VECTORIZED void add_row(float* __restrict sum, const float* __restrict x, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) sum[i] += x[i];
}

Capability capability(const StepView& step, const KernelPolicy&) {
  return plain_capability(step, "loop", "one pass over memory, in place");
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  return loop_kernel([n = physical_elements(*step.operands[kSum])](const LaunchArgs& args) {
    if (scalar_of(args, kKeep) == 0) {
      copy_bytes(args.results[0], args.operands[kX], static_cast<std::size_t>(n) * sizeof(float));
      return;
    }
    start_in_place(args, n, {{0, kSum}});
    parallel_chunks(n, [&](std::int64_t first, std::int64_t count) {
      add_row(output(args, 0) + first, input(args, kX) + first, count);
    });
  });
}

}  // namespace

const KernelDef& accumulate() {
  static const KernelDef def{"accumulate", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
