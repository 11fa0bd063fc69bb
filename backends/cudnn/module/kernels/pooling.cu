// SPDX-License-Identifier: Apache-2.0
// max_pool2d, avg_pool2d and their gradients, which gather: each input pixel looks at the windows that cover it.
#include <cmath>

#include <fcngraph/engine/ops/pool2d.h>

#include "answers.h"
#include "kernel_def.h"

namespace fcngraph::cudnn {
namespace {

/// One axis of a pooling.
struct Axis {
  std::int64_t kernel, stride, before, after, input, output;

  FCNGRAPH_DEVICE std::int64_t begin(std::int64_t out) const { return out * stride - before; }
  FCNGRAPH_DEVICE std::int64_t first(std::int64_t out) const { return begin(out) < 0 ? 0 : begin(out); }
  FCNGRAPH_DEVICE std::int64_t last(std::int64_t out) const {
    return begin(out) + kernel < input ? begin(out) + kernel : input;
  }
  /// Pixels of the input and its border in the window.
  FCNGRAPH_DEVICE std::int64_t padded(std::int64_t out) const {
    const std::int64_t end = begin(out) + kernel < input + after ? begin(out) + kernel : input + after;
    return end - begin(out);
  }
  /// The windows, half-open, that may cover an input pixel.
  FCNGRAPH_DEVICE std::int64_t first_window(std::int64_t in) const {
    const std::int64_t reach = in + before - kernel + 1;
    return reach <= 0 ? 0 : (reach + stride - 1) / stride;
  }
  FCNGRAPH_DEVICE std::int64_t last_window(std::int64_t in) const {
    const std::int64_t end = (in + before) / stride + 1;
    return end < output ? end : output;
  }
};

struct Axes {
  Axis rows, columns;
};

Axes axes_of(const Window& window, const Grid& x, const Grid& y) {
  const Pads pads = resolve_pads(window, x.h, x.w);
  return {{window.kernel.h, window.stride.h, pads.top, pads.bottom, x.h, y.h},
          {window.kernel.w, window.stride.w, pads.left, pads.right, x.w, y.w}};
}

Capability anyhow(const StepView& step) { return as_it_lies(step); }

template <class T>
void max_pool(const Queue& queue, const Grid& x_grid, const Grid& y_grid, const Grid& index_grid, const Axes& axes,
              const T* x, T* y, std::int32_t* indices) {
  launch(queue, y_grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = y_grid.place(i);
    const std::int64_t bottom = axes.rows.last(p.h), right = axes.columns.last(p.w);
    std::int64_t best_h = axes.rows.first(p.h), best_w = axes.columns.first(p.w);
    float best = load(x[x_grid.at({p.n, p.c, best_h, best_w})]);
    for (std::int64_t h = axes.rows.first(p.h); h < bottom; ++h) {
      for (std::int64_t w = axes.columns.first(p.w); w < right; ++w) {
        const float value = load(x[x_grid.at({p.n, p.c, h, w})]);
        // NaN wins over every number, the first over those that follow.
        if (value > best || (value != value && best == best)) best = value, best_h = h, best_w = w;
      }
    }
    if (y != nullptr) store(y[y_grid.at(p)], best);
    if (indices != nullptr) indices[index_grid.at(p)] = static_cast<std::int32_t>(best_h * x_grid.w + best_w);
  });
}

Enqueue prepare_max_pool(const StepView& step) {
  const Grid x = grid_of(*step.operands[0]);
  const auto grid = [&](std::size_t r) {
    return r < step.results.size() && step.results[r] != nullptr ? grid_of(*step.results[r]) : Grid{};
  };
  const Grid y = step.results[0] != nullptr ? grid(0) : grid(1);
  return [x, y, indices = grid(1), axes = axes_of(step.attrs->as<MaxPool2dAttrs>().window(), x, y),
          type = step.operands[0]->dtype](const LaunchArgs& args, const Queue& queue) {
    with_storage(type, [&]<class T>(T*) {
      max_pool<T>(queue, x, y, indices, axes, in<T>(args, 0), out<T>(args, 0), out<std::int32_t>(args, 1));
    });
  };
}

template <class T>
void max_pool_grad(const Queue& queue, const Grid& y_grid, const Grid& index_grid, const Grid& x_grid, const Axes& axes,
                   const T* grad_y, const std::int32_t* indices, T* grad_x) {
  launch(queue, x_grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = x_grid.place(i);
    const auto here = static_cast<std::int32_t>(p.h * x_grid.w + p.w);
    const std::int64_t bottom = axes.rows.last_window(p.h), right = axes.columns.last_window(p.w);
    float sum = 0;
    for (std::int64_t h = axes.rows.first_window(p.h); h < bottom; ++h) {
      for (std::int64_t w = axes.columns.first_window(p.w); w < right; ++w) {
        if (indices[index_grid.at({p.n, p.c, h, w})] == here) sum += load(grad_y[y_grid.at({p.n, p.c, h, w})]);
      }
    }
    store(grad_x[x_grid.at(p)], sum);
  });
}

Enqueue prepare_max_pool_grad(const StepView& step) {
  const Grid y = grid_of(*step.operands[0]), x = grid_of(*step.results[0]);
  return
      [x, y, indices = grid_of(*step.operands[1]), axes = axes_of(step.attrs->as<MaxPool2dGradAttrs>().window(), x, y),
       type = step.results[0]->dtype](const LaunchArgs& args, const Queue& queue) {
        with_storage(type, [&]<class T>(T*) {
          max_pool_grad<T>(queue, y, indices, x, axes, in<T>(args, 0), in<std::int32_t>(args, 1), out<T>(args, 0));
        });
      };
}

/// How many pixels a mean is over.
FCNGRAPH_DEVICE inline float area(const Axes& axes, std::int64_t h, std::int64_t w, bool include_pad) {
  const std::int64_t pixels =
      include_pad ? axes.rows.padded(h) * axes.columns.padded(w)
                  : (axes.rows.last(h) - axes.rows.first(h)) * (axes.columns.last(w) - axes.columns.first(w));
  return static_cast<float>(pixels);
}

template <class T>
void avg_pool(const Queue& queue, const Grid& x_grid, const Grid& y_grid, const Axes& axes, bool include_pad,
              const T* x, T* y) {
  launch(queue, y_grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = y_grid.place(i);
    float sum = 0;
    for (std::int64_t h = axes.rows.first(p.h); h < axes.rows.last(p.h); ++h) {
      for (std::int64_t w = axes.columns.first(p.w); w < axes.columns.last(p.w); ++w)
        sum += load(x[x_grid.at({p.n, p.c, h, w})]);
    }
    store(y[y_grid.at(p)], sum / area(axes, p.h, p.w, include_pad));
  });
}

Enqueue prepare_avg_pool(const StepView& step) {
  const auto& a = step.attrs->as<AvgPool2dAttrs>();
  const Grid x = grid_of(*step.operands[0]), y = grid_of(*step.results[0]);
  return [x, y, axes = axes_of(a.window(), x, y), include_pad = a.include_pad, type = step.results[0]->dtype](
             const LaunchArgs& args, const Queue& queue) {
    with_storage(type,
                 [&]<class T>(T*) { avg_pool<T>(queue, x, y, axes, include_pad, in<T>(args, 0), out<T>(args, 0)); });
  };
}

template <class T>
void avg_pool_grad(const Queue& queue, const Grid& y_grid, const Grid& x_grid, const Axes& axes, bool include_pad,
                   const T* grad_y, T* grad_x) {
  launch(queue, x_grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = x_grid.place(i);
    float sum = 0;
    for (std::int64_t h = axes.rows.first_window(p.h); h < axes.rows.last_window(p.h); ++h) {
      for (std::int64_t w = axes.columns.first_window(p.w); w < axes.columns.last_window(p.w); ++w)
        sum += load(grad_y[y_grid.at({p.n, p.c, h, w})]) / area(axes, h, w, include_pad);
    }
    store(grad_x[x_grid.at(p)], sum);
  });
}

Enqueue prepare_avg_pool_grad(const StepView& step) {
  const auto& a = step.attrs->as<AvgPool2dGradAttrs>();
  const Grid y = grid_of(*step.operands[0]), x = grid_of(*step.results[0]);
  return [x, y, axes = axes_of(a.window(), x, y), include_pad = a.include_pad, type = step.results[0]->dtype](
             const LaunchArgs& args, const Queue& queue) {
    with_storage(
        type, [&]<class T>(T*) { avg_pool_grad<T>(queue, y, x, axes, include_pad, in<T>(args, 0), out<T>(args, 0)); });
  };
}

constexpr KernelDef kTable[] = {
    {"max_pool2d", anyhow, prepare_max_pool},
    {"max_pool2d_grad", anyhow, prepare_max_pool_grad},
    {"avg_pool2d", anyhow, prepare_avg_pool},
    {"avg_pool2d_grad", anyhow, prepare_avg_pool_grad},
};

}  // namespace

std::span<const KernelDef> pooling_kernels() { return kTable; }

}  // namespace fcngraph::cudnn
