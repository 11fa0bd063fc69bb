// SPDX-License-Identifier: Apache-2.0
#include "channel_walk.h"

namespace fcngraph::onednn {
namespace {

// A row of one channel, or `kLanes` channels side by side: the inner loop has a fixed width, so that it becomes vectors.

FCNGRAPH_VECTORIZED void sum_row(const float* g, std::int64_t n, double* sum) {
  double s = 0;
#pragma omp simd reduction(+ : s)
  for (std::int64_t i = 0; i < n; ++i) s += static_cast<double>(g[i]);
  *sum = s;
}

FCNGRAPH_VECTORIZED void dot_row(const float* g, const float* x, std::int64_t n, double* sum, double* dot) {
  double s = 0, d = 0;
#pragma omp simd reduction(+ : s, d)
  for (std::int64_t i = 0; i < n; ++i) {
    s += static_cast<double>(g[i]);
    d += static_cast<double>(g[i]) * static_cast<double>(x[i]);
  }
  *sum = s;
  *dot = d;
}

template <int kLanes>
[[gnu::always_inline]] inline void sum_lanes(const float* g, std::int64_t n, std::int64_t stride, double* sum) {
  double s[kLanes] = {};
  for (std::int64_t i = 0; i < n; ++i, g += stride) {
    for (int l = 0; l < kLanes; ++l) s[l] += static_cast<double>(g[l]);
  }
  for (int l = 0; l < kLanes; ++l) sum[l] = s[l];
}

template <int kLanes>
[[gnu::always_inline]] inline void dot_lanes(const float* g, const float* x, std::int64_t n, std::int64_t stride,
                                             double* sum, double* dot) {
  double s[kLanes] = {}, d[kLanes] = {};
  for (std::int64_t i = 0; i < n; ++i, g += stride, x += stride) {
    for (int l = 0; l < kLanes; ++l) {
      s[l] += static_cast<double>(g[l]);
      d[l] += static_cast<double>(g[l]) * static_cast<double>(x[l]);
    }
  }
  for (int l = 0; l < kLanes; ++l) {
    sum[l] = s[l];
    dot[l] = d[l];
  }
}

FCNGRAPH_VECTORIZED void sum_16(const float* g, std::int64_t n, std::int64_t stride, double* sum) {
  sum_lanes<16>(g, n, stride, sum);
}
FCNGRAPH_VECTORIZED void sum_8(const float* g, std::int64_t n, std::int64_t stride, double* sum) {
  sum_lanes<8>(g, n, stride, sum);
}
FCNGRAPH_VECTORIZED void dot_16(const float* g, const float* x, std::int64_t n, std::int64_t stride, double* sum,
                                double* dot) {
  dot_lanes<16>(g, x, n, stride, sum, dot);
}
FCNGRAPH_VECTORIZED void dot_8(const float* g, const float* x, std::int64_t n, std::int64_t stride, double* sum,
                               double* dot) {
  dot_lanes<8>(g, x, n, stride, sum, dot);
}

FCNGRAPH_VECTORIZED void affine_row(float* to, const float* x, float a, float b, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) to[i] = a * x[i] + b;
}

FCNGRAPH_VECTORIZED void affine2_row(float* to, const float* g, const float* x, float a, float b, float c,
                                     std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) to[i] = a * g[i] + b * x[i] + c;
}

template <int kLanes>
[[gnu::always_inline]] inline void affine_lanes(float* to, const float* x, const float* a, const float* b,
                                                std::int64_t n, std::int64_t stride) {
  float aa[kLanes], bb[kLanes];
  for (int l = 0; l < kLanes; ++l) aa[l] = a[l], bb[l] = b[l];
  for (std::int64_t i = 0; i < n; ++i, to += stride, x += stride) {
#pragma omp simd
    for (int l = 0; l < kLanes; ++l) to[l] = aa[l] * x[l] + bb[l];
  }
}

template <int kLanes>
[[gnu::always_inline]] inline void affine2_lanes(float* to, const float* g, const float* x, const float* a,
                                                 const float* b, const float* c, std::int64_t n, std::int64_t stride) {
  float aa[kLanes], bb[kLanes], cc[kLanes];
  for (int l = 0; l < kLanes; ++l) aa[l] = a[l], bb[l] = b[l], cc[l] = c[l];
  for (std::int64_t i = 0; i < n; ++i, to += stride, g += stride, x += stride) {
#pragma omp simd
    for (int l = 0; l < kLanes; ++l) to[l] = aa[l] * g[l] + bb[l] * x[l] + cc[l];
  }
}

FCNGRAPH_VECTORIZED void affine_16(float* to, const float* x, const float* a, const float* b, std::int64_t n,
                                   std::int64_t stride) {
  affine_lanes<16>(to, x, a, b, n, stride);
}
FCNGRAPH_VECTORIZED void affine_8(float* to, const float* x, const float* a, const float* b, std::int64_t n,
                                  std::int64_t stride) {
  affine_lanes<8>(to, x, a, b, n, stride);
}
FCNGRAPH_VECTORIZED void affine2_16(float* to, const float* g, const float* x, const float* a, const float* b,
                                    const float* c, std::int64_t n, std::int64_t stride) {
  affine2_lanes<16>(to, g, x, a, b, c, n, stride);
}
FCNGRAPH_VECTORIZED void affine2_8(float* to, const float* g, const float* x, const float* a, const float* b,
                                   const float* c, std::int64_t n, std::int64_t stride) {
  affine2_lanes<8>(to, g, x, a, b, c, n, stride);
}

}  // namespace

ChannelWalk ChannelWalk::over(const TensorType& type) {
  using Kind = ChannelOrder::Kind;
  const Shape& s = type.shape;
  const ChannelOrder order = channel_order(type).value();
  ChannelWalk walk;
  walk.images = s[0];
  walk.channels = s[1];
  walk.pixels = 1;
  for (std::size_t i = 2; i < s.rank(); ++i) walk.pixels *= s[i];
  if (order.kind == Kind::plain) {
    walk.groups = walk.channels;
    walk.group_stride = walk.pixels;
  } else if (order.kind == Kind::blocked) {
    walk.lanes = walk.stride = order.block;
    walk.groups = (walk.channels + order.block - 1) / order.block;
    walk.group_stride = walk.pixels * order.block;
  } else {
    walk.lanes = walk.group_stride = std::min(kMostLanes, walk.channels);
    walk.groups = (walk.channels + walk.lanes - 1) / walk.lanes;
    walk.stride = walk.channels;
    walk.narrow_ = true;
  }
  walk.image_stride = walk.narrow_ ? walk.pixels * walk.channels : walk.groups * walk.group_stride;
  return walk;
}

std::int64_t ChannelWalk::width(std::int64_t group) const {
  return narrow_ ? std::min(lanes, channels - group * lanes) : lanes;
}

std::string walkable_tag(const TensorType& type) { return channel_order(type) ? type.layout.tag : std::string(); }

void sum_group(const ChannelWalk& w, std::int64_t width, const float* g, const float* x, double* sum, double* dot) {
  if (w.stride == 1) return x == nullptr ? sum_row(g, w.pixels, sum) : dot_row(g, x, w.pixels, sum, dot);
  if (width == 16)
    return x == nullptr ? sum_16(g, w.pixels, w.stride, sum) : dot_16(g, x, w.pixels, w.stride, sum, dot);
  if (width == 8) return x == nullptr ? sum_8(g, w.pixels, w.stride, sum) : dot_8(g, x, w.pixels, w.stride, sum, dot);
  for (std::int64_t l = 0; l < width; ++l) {
    x == nullptr ? sum_lanes<1>(g + l, w.pixels, w.stride, sum + l)
                 : dot_lanes<1>(g + l, x + l, w.pixels, w.stride, sum + l, dot + l);
  }
}

void affine_group(const ChannelWalk& w, std::int64_t width, float* to, const float* x, const float* a, const float* b) {
  if (w.stride == 1) return affine_row(to, x, *a, *b, w.pixels);
  if (width == 16) return affine_16(to, x, a, b, w.pixels, w.stride);
  if (width == 8) return affine_8(to, x, a, b, w.pixels, w.stride);
  for (std::int64_t l = 0; l < width; ++l) affine_lanes<1>(to + l, x + l, a + l, b + l, w.pixels, w.stride);
}

void affine2_group(const ChannelWalk& w, std::int64_t width, float* to, const float* g, const float* x, const float* a,
                   const float* b, const float* c) {
  if (w.stride == 1) return affine2_row(to, g, x, *a, *b, *c, w.pixels);
  if (width == 16) return affine2_16(to, g, x, a, b, c, w.pixels, w.stride);
  if (width == 8) return affine2_8(to, g, x, a, b, c, w.pixels, w.stride);
  for (std::int64_t l = 0; l < width; ++l)
    affine2_lanes<1>(to + l, g + l, x + l, a + l, b + l, c + l, w.pixels, w.stride);
}

}  // namespace fcngraph::onednn
