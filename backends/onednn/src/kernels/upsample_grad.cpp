// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/upsample.h>

#include <omp.h>

#include "axis_taps.h"
#include "elementwise.h"
#include "kernel_def.h"
#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn::kernels {
namespace {

FCNGRAPH_VECTORIZED void add_scaled(float* sum, const float* row, float weight, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) sum[i] += row[i] * weight;
}

FCNGRAPH_VECTORIZED float dot(const float* a, const float* b, std::int64_t n) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

struct Downsampling {
  AxisTaps rows, columns;
  std::int64_t planes, height, width, out_height, out_width;

  /// Input row i of a plane: the rows that read it are summed first, then the columns.
  void run_row(const float* grad_y, float* grad_x, std::int64_t i, float* scratch) const {
    const auto at = static_cast<std::size_t>(i);
    std::fill_n(scratch, out_width, 0.0f);
    for (std::int64_t k = rows.begin[at]; k < rows.begin[at + 1]; ++k) {
      add_scaled(scratch, grad_y + (rows.first[at] + k - rows.begin[at]) * out_width,
                 rows.weights[static_cast<std::size_t>(k)], out_width);
    }
    for (std::size_t j = 0; j < static_cast<std::size_t>(width); ++j) {
      const std::int64_t begin = columns.begin[j];
      grad_x[i * width + static_cast<std::int64_t>(j)] =
          dot(scratch + columns.first[j], columns.weights.data() + begin, columns.begin[j + 1] - begin);
    }
  }
};

Capability capability(const StepView& step, const KernelPolicy&) {
  const std::int64_t bytes =
      omp_get_max_threads() * step.operands[0]->shape[3] * static_cast<std::int64_t>(sizeof(float));
  return plain_capability(step, "loop", "rows are summed first, then columns", bytes);
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const auto& a = step.attrs->as<UpsampleAttrs>();
  const Shape &y = step.operands[0]->shape, &x = step.results[0]->shape;
  Downsampling d{
      axis_taps(x[2], a.factor.h, a.kind), axis_taps(x[3], a.factor.w, a.kind), x[0] * x[1], x[2], x[3], y[2], y[3]};
  return loop_kernel([d = std::move(d)](const LaunchArgs& args) {
    float* scratch = reinterpret_cast<float*>(args.workspace);
    parallel_for(d.planes, [&](std::int64_t plane) {
      const float* grad_y = input(args, 0) + plane * d.out_height * d.out_width;
      float* grad_x = output(args, 0) + plane * d.height * d.width;
      for (std::int64_t i = 0; i < d.height; ++i)
        d.run_row(grad_y, grad_x, i, scratch + omp_get_thread_num() * d.out_width);
    });
  });
}

}  // namespace

const KernelDef& upsample_grad() {
  static const KernelDef def{"upsample_grad", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
