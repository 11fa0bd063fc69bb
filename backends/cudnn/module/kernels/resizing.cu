// SPDX-License-Identifier: Apache-2.0
// upsample and upsample_grad.
#include "taps.h"

#include "answers.h"
#include "kernel_def.h"

namespace fcngraph::cudnn {
namespace {

Capability anyhow(const StepView& step) { return as_it_lies(step); }

template <class T>
void upsample(const Queue& queue, const Grid& x_grid, const Grid& y_grid, Resampling rows, Resampling columns,
              const T* x, T* y) {
  launch(queue, y_grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = y_grid.place(i);
    store(y[y_grid.at(p)], interpolate(x_grid, x, p, rows.tap(p.h), columns.tap(p.w)));
  });
}

Enqueue prepare_upsample(const StepView& step) {
  const auto& a = step.attrs->as<UpsampleAttrs>();
  const Grid x = grid_of(*step.operands[0]);
  return [x, y = grid_of(*step.results[0]), rows = Resampling{a, a.factor.h, x.h},
          columns = Resampling{a, a.factor.w, x.w},
          type = step.results[0]->dtype](const LaunchArgs& args, const Queue& queue) {
    with_storage(type, [&]<class T>(T*) { upsample<T>(queue, x, y, rows, columns, in<T>(args, 0), out<T>(args, 0)); });
  };
}

/// Each input pixel gathers from the outputs that read it: no two threads write one number, and the order of the sum is fixed.
template <class T>
void upsample_grad(const Queue& queue, const Grid& y_grid, const Grid& x_grid, Resampling rows, Resampling columns,
                   const T* grad_y, T* grad_x) {
  launch(queue, x_grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = x_grid.place(i);
    const Readers of_row = rows.readers(p.h), of_column = columns.readers(p.w);
    float sum = 0;
    for (std::int64_t h = of_row.first; h < of_row.last; ++h) {
      const float row_weight = rows.weight(h, p.h);
      if (row_weight == 0.0f) continue;  // 0 * inf is not 0
      float row = 0;
      for (std::int64_t w = of_column.first; w < of_column.last; ++w) {
        const float weight = columns.weight(w, p.w);
        if (weight != 0.0f) row += weight * load(grad_y[y_grid.at({p.n, p.c, h, w})]);
      }
      sum += row_weight * row;
    }
    store(grad_x[x_grid.at(p)], sum);
  });
}

Enqueue prepare_upsample_grad(const StepView& step) {
  const auto& a = step.attrs->as<UpsampleAttrs>();
  const Grid x = grid_of(*step.results[0]);
  return [x, y = grid_of(*step.operands[0]), rows = Resampling{a, a.factor.h, x.h},
          columns = Resampling{a, a.factor.w, x.w},
          type = step.results[0]->dtype](const LaunchArgs& args, const Queue& queue) {
    with_storage(type,
                 [&]<class T>(T*) { upsample_grad<T>(queue, y, x, rows, columns, in<T>(args, 0), out<T>(args, 0)); });
  };
}

constexpr KernelDef kTable[] = {
    {"upsample", anyhow, prepare_upsample},
    {"upsample_grad", anyhow, prepare_upsample_grad},
};

}  // namespace

std::span<const KernelDef> resizing_kernels() { return kTable; }

}  // namespace fcngraph::cudnn
