// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/gradient_norm.h>

#include "elementwise.h"
#include "kernel_def.h"
#include "layout.h"
#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn::kernels {
namespace {

[[gnu::flatten]] FCNGRAPH_VECTORIZED double block_sum(const float* x, std::int64_t count) {
  return block_sum_squares(x, count);
}

std::int64_t blocks_of(const TensorType& x) { return (physical_elements(x) + kSumSquaresBlock - 1) / kSumSquaresBlock; }

Capability capability(const StepView& step, const KernelPolicy&) {
  TensorType x = with_layout(*step.operands[0], {});
  return plain_capability(step, "loop", "blocks of 4096 in the op's own tree",
                          blocks_of(x) * static_cast<std::int64_t>(sizeof(double)));
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  return loop_kernel([n = physical_elements(*step.operands[0]),
                      blocks = blocks_of(*step.operands[0])](const LaunchArgs& args) {
    auto* sums = reinterpret_cast<double*>(args.workspace);
    parallel_for(blocks, [&](std::int64_t b) {
      sums[b] = block_sum(input(args, 0) + b * kSumSquaresBlock, std::min(kSumSquaresBlock, n - b * kSumSquaresBlock));
    });
    *reinterpret_cast<double*>(args.results[0]) = pairwise_sum({sums, static_cast<std::size_t>(blocks)});
  });
}

}  // namespace

const KernelDef& sum_squares() {
  static const KernelDef def{"sum_squares", capability, prepare, true};
  return def;
}

}  // namespace fcngraph::onednn::kernels
