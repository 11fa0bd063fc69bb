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

FCNGRAPH_VECTORIZED void widen_row(float* to, const float* row, const std::int32_t* low, const std::int32_t* high,
                                   const float* fraction, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) to[i] = row[low[i]] * (1.0f - fraction[i]) + row[high[i]] * fraction[i];
}

FCNGRAPH_VECTORIZED void pick_row(float* to, const float* row, const std::int32_t* low, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) to[i] = row[low[i]];
}

FCNGRAPH_VECTORIZED void mix_rows(float* to, const float* upper, const float* lower, float fraction, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) to[i] = upper[i] * (1.0f - fraction) + lower[i] * fraction;
}

struct Upsampling {
  AxisTaps rows, columns;
  std::int64_t planes, height, width, out_height, out_width;
  bool nearest;

  /// One plane. Each input row is widened once, into one of two rows of scratch: rows are read in ascending order.
  void run_plane(const float* x, float* y, float* scratch) const {
    float* wide[2] = {scratch, scratch + out_width};
    std::int64_t held[2] = {-1, -1};
    const auto row_of = [&](std::int64_t i) -> const float* {
      const std::int64_t side = i % 2;
      if (held[side] != i) {
        widen_row(wide[side], x + i * width, columns.low.data(), columns.high.data(), columns.fraction.data(),
                  out_width);
        held[side] = i;
      }
      return wide[side];
    };
    for (std::int64_t d = 0; d < out_height; ++d) {
      const auto at = static_cast<std::size_t>(d);
      const float* upper = row_of(rows.low[at]);
      const float* lower = row_of(rows.high[at]);
      mix_rows(y + d * out_width, upper, lower, rows.fraction[at], out_width);
    }
  }

  void repeat_plane(const float* x, float* y) const {
    const std::int64_t factor = out_height / height;
    for (std::int64_t d = 0; d < out_height; ++d) {
      float* to = y + d * out_width;
      if (d % factor != 0)
        std::copy_n(to - out_width, out_width, to);
      else
        pick_row(to, x + d / factor * width, columns.low.data(), out_width);
    }
  }
};

std::int64_t scratch_elements(const StepView& step) {
  return 2 * (step.operands[0]->shape[3] * step.attrs->as<UpsampleAttrs>().factor.w);
}

Capability capability(const StepView& step, const KernelPolicy&) {
  const std::int64_t bytes = omp_get_max_threads() * scratch_elements(step) * static_cast<std::int64_t>(sizeof(float));
  return plain_capability(step, "loop", "rows are widened once, then mixed", bytes);
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const auto& a = step.attrs->as<UpsampleAttrs>();
  const Shape &x = step.operands[0]->shape, &y = step.results[0]->shape;
  Upsampling u{
      axis_taps(x[2], a.factor.h, a.kind), axis_taps(x[3], a.factor.w, a.kind), x[0] * x[1], x[2], x[3], y[2], y[3],
      a.kind == Interpolation::nearest};
  return loop_kernel([u = std::move(u), each = scratch_elements(step)](const LaunchArgs& args) {
    float* scratch = reinterpret_cast<float*>(args.workspace);
    parallel_for(u.planes, [&](std::int64_t plane) {
      const float* from = input(args, 0) + plane * u.height * u.width;
      float* to = output(args, 0) + plane * u.out_height * u.out_width;
      if (u.nearest)
        u.repeat_plane(from, to);
      else
        u.run_plane(from, to, scratch + omp_get_thread_num() * each);
    });
  });
}

}  // namespace

const KernelDef& upsample() {
  static const KernelDef def{"upsample", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
