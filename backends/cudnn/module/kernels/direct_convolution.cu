// SPDX-License-Identifier: Apache-2.0
#include "direct_convolution.h"

#include "storage.h"

namespace fcngraph::cudnn {
namespace {

/// Where the weight of output channel o, input channel c of its group, tap (a, b) lies.
FCNGRAPH_DEVICE inline std::int64_t weight_at(const DirectConvolution& v, std::int64_t o, std::int64_t c,
                                              std::int64_t a, std::int64_t b) {
  if (!v.transposed_weights) return v.w.at({o, c, a, b});
  const std::int64_t outputs = v.y.c / v.groups, inputs = v.x.c / v.groups;
  return v.w.at({o / outputs * inputs + c, o % outputs, a, b});
}

template <class T>
void forward(const Queue& queue, const DirectConvolution& v, const T* x, const T* w, T* y) {
  launch(queue, v.y.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = v.y.place(i);
    const std::int64_t inputs = v.x.c / v.groups, first = p.c / (v.y.c / v.groups) * inputs;
    float sum = 0;
    for (std::int64_t a = 0; a < v.w.h; ++a) {
      const std::int64_t h = p.h * v.stride_h + a * v.dilation_h - v.top;
      if (h < 0 || h >= v.x.h) continue;
      for (std::int64_t b = 0; b < v.w.w; ++b) {
        const std::int64_t column = p.w * v.stride_w + b * v.dilation_w - v.left;
        if (column < 0 || column >= v.x.w) continue;
        for (std::int64_t c = 0; c < inputs; ++c)
          sum += load(x[v.x.at({p.n, first + c, h, column})]) * load(w[weight_at(v, p.c, c, a, b)]);
      }
    }
    store(y[v.y.at(p)], sum);
  });
}

/// The output that tap `a` of input row h belongs to; -1 where there is none.
FCNGRAPH_DEVICE inline std::int64_t output_of(std::int64_t h, std::int64_t a, std::int64_t dilation,
                                              std::int64_t before, std::int64_t stride, std::int64_t outputs) {
  const std::int64_t reach = h + before - a * dilation;
  return reach >= 0 && reach % stride == 0 && reach / stride < outputs ? reach / stride : -1;
}

template <class T>
void data_gradient(const Queue& queue, const DirectConvolution& v, T* x, const T* w, const T* y) {
  launch(queue, v.x.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = v.x.place(i);
    const std::int64_t inputs = v.x.c / v.groups, outputs = v.y.c / v.groups, first = p.c / inputs * outputs;
    float sum = 0;
    for (std::int64_t a = 0; a < v.w.h; ++a) {
      const std::int64_t h = output_of(p.h, a, v.dilation_h, v.top, v.stride_h, v.y.h);
      if (h < 0) continue;
      for (std::int64_t b = 0; b < v.w.w; ++b) {
        const std::int64_t column = output_of(p.w, b, v.dilation_w, v.left, v.stride_w, v.y.w);
        if (column < 0) continue;
        for (std::int64_t o = first; o < first + outputs; ++o)
          sum += load(y[v.y.at({p.n, o, h, column})]) * load(w[weight_at(v, o, p.c % inputs, a, b)]);
      }
    }
    store(x[v.x.at(p)], sum);
  });
}

template <class T>
void weight_gradient(const Queue& queue, const DirectConvolution& v, const T* x, T* w, const T* y) {
  const std::int64_t inputs = v.x.c / v.groups, count = v.y.c * inputs * v.w.h * v.w.w;
  launch(queue, count, [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const std::int64_t c = i % inputs, b = i / inputs % v.w.w, a = i / inputs / v.w.w % v.w.h;
    const std::int64_t o = i / inputs / v.w.w / v.w.h, group = o / (v.y.c / v.groups);
    float sum = 0;
    for (std::int64_t n = 0; n < v.y.n; ++n) {
      for (std::int64_t row = 0; row < v.y.h; ++row) {
        const std::int64_t h = row * v.stride_h + a * v.dilation_h - v.top;
        if (h < 0 || h >= v.x.h) continue;
        for (std::int64_t column = 0; column < v.y.w; ++column) {
          const std::int64_t across = column * v.stride_w + b * v.dilation_w - v.left;
          if (across < 0 || across >= v.x.w) continue;
          sum += load(x[v.x.at({n, group * inputs + c, h, across})]) * load(y[v.y.at({n, o, row, column})]);
        }
      }
    }
    store(w[weight_at(v, o, c, a, b)], sum);
  });
}

template <class T>
void epilogue(const Queue& queue, const Grid& grid, T* y, const T* bias, const T* addend, bool relu) {
  launch(queue, grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = grid.place(i);
    const std::int64_t at = grid.at(p);
    float value = load(y[at]);
    if (bias != nullptr) value += load(bias[p.c]);
    if (addend != nullptr) value += load(addend[at]);
    store(y[at], relu && value < 0.0f ? 0.0f : value);
  });
}

Grid packed(const std::array<std::int32_t, 4>& d) {
  Grid g{d[0], d[1], d[2], d[3]};
  g.sc = 1, g.sw = g.c, g.sh = g.w * g.c, g.sn = g.h * g.w * g.c;
  return g;
}

}  // namespace

DirectConvolution direct_convolution(const PlanKey& key) {
  DirectConvolution v;
  v.kind = key.kind, v.storage = key.storage;
  v.x = packed(key.x), v.w = packed(key.w), v.y = packed(key.y);
  v.groups = key.x[1] / key.w[1];
  v.top = key.pads[0], v.left = key.pads[1];
  v.stride_h = key.stride[0], v.stride_w = key.stride[1];
  v.dilation_h = key.dilation[0], v.dilation_w = key.dilation[1];
  return v;
}

void run_direct(const Queue& queue, const DirectConvolution& v, void* x, void* w, void* y) {
  with_storage(v.storage, [&]<class T>(T*) {
    auto *xs = static_cast<T*>(x), *ws = static_cast<T*>(w), *ys = static_cast<T*>(y);
    switch (v.kind) {
      case ConvolutionKind::forward:
        return forward<T>(queue, v, xs, ws, ys);
      case ConvolutionKind::data_gradient:
        return data_gradient<T>(queue, v, xs, ws, ys);
      case ConvolutionKind::weight_gradient:
        return weight_gradient<T>(queue, v, xs, ws, ys);
    }
  });
}

void run_epilogue(const Queue& queue, DType storage, const Grid& y_grid, void* y, const void* bias, const void* addend,
                  bool relu) {
  with_storage(storage, [&]<class T>(T*) {
    epilogue<T>(queue, y_grid, static_cast<T*>(y), static_cast<const T*>(bias), static_cast<const T*>(addend), relu);
  });
}

}  // namespace fcngraph::cudnn
