// SPDX-License-Identifier: Apache-2.0
#include "compat.h"

#include <string_view>
#include <utility>

#include <oneapi/dnnl/dnnl_debug.h>

namespace fcngraph::onednn::compat {
namespace {

using dnnl::algorithm;
using dnnl::prop_kind;

dnnl::primitive_attr attributes(const dnnl::post_ops& post_ops = {}) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attr.set_post_ops(post_ops);
  return attr;
}

/// An empty descriptor where oneDNN refuses by an exception.
template <class Make>
auto or_empty(Make make) -> decltype(make()) {
  try {
    return make();
  } catch (const dnnl::error&) {
    return {};
  }
}

// 2.x makes a primitive descriptor of an operation descriptor, 3.x of the same arguments at once. A gradient has a forward
// descriptor as its hint, a forward pass has none.
template <class Primitive, class... Args>
typename Primitive::primitive_desc forward(const dnnl::engine& engine, const dnnl::primitive_attr& attr,
                                           const Args&... args) {
  return or_empty([&] {
#if DNNL_VERSION_MAJOR >= 3
    return typename Primitive::primitive_desc(engine, args..., attr, true);
#else
    return typename Primitive::primitive_desc(typename Primitive::desc(args...), attr, engine, true);
#endif
  });
}

template <class Primitive, class Hint, class... Args>
typename Primitive::primitive_desc backward(const dnnl::engine& engine, const Hint& hint, const Args&... args) {
  if (!hint) return {};
  return or_empty([&] {
#if DNNL_VERSION_MAJOR >= 3
    return typename Primitive::primitive_desc(engine, args..., hint, attributes(), true);
#else
    return typename Primitive::primitive_desc(typename Primitive::desc(args...), attributes(), engine, hint, true);
#endif
  });
}

template <class Primitive>
typename Primitive::primitive_desc windowed(const dnnl::engine& engine, algorithm how, const ConvMemory& m,
                                            const Geometry& g, const dnnl::post_ops& post_ops, prop_kind kind) {
  const auto attr = attributes(post_ops);
  if (m.bias == dnnl::memory::desc()) {
    return forward<Primitive>(engine, attr, kind, how, m.src, m.weights, m.dst, g.strides, g.dilates, g.pad_left,
                              g.pad_right);
  }
  return forward<Primitive>(engine, attr, kind, how, m.src, m.weights, m.bias, m.dst, g.strides, g.dilates, g.pad_left,
                            g.pad_right);
}

template <class Forward, class Backward>
typename Backward::primitive_desc windowed_data(const dnnl::engine& engine, algorithm how, const ConvMemory& m,
                                                const Geometry& g) {
  const auto hint = windowed<Forward>(engine, how, m, g, {}, prop_kind::forward_training);
  return backward<Backward>(engine, hint, how, m.src, m.weights, m.dst, g.strides, g.dilates, g.pad_left, g.pad_right);
}

}  // namespace

dnnl::convolution_forward::primitive_desc convolution(const dnnl::engine& engine, const ConvMemory& memory,
                                                      const Geometry& geometry, const dnnl::post_ops& post_ops,
                                                      prop_kind kind) {
  return windowed<dnnl::convolution_forward>(engine, algorithm::convolution_direct, memory, geometry, post_ops, kind);
}

dnnl::convolution_backward_data::primitive_desc convolution_data(const dnnl::engine& engine, const ConvMemory& memory,
                                                                 const Geometry& geometry) {
  return windowed_data<dnnl::convolution_forward, dnnl::convolution_backward_data>(
      engine, algorithm::convolution_direct, memory, geometry);
}

dnnl::convolution_backward_weights::primitive_desc convolution_weights(const dnnl::engine& engine,
                                                                       const ConvMemory& memory,
                                                                       const Geometry& geometry) {
  return windowed_data<dnnl::convolution_forward, dnnl::convolution_backward_weights>(
      engine, algorithm::convolution_direct, memory, geometry);
}

dnnl::deconvolution_forward::primitive_desc deconvolution(const dnnl::engine& engine, const ConvMemory& memory,
                                                          const Geometry& geometry, const dnnl::post_ops& post_ops,
                                                          prop_kind kind) {
  return windowed<dnnl::deconvolution_forward>(engine, algorithm::deconvolution_direct, memory, geometry, post_ops,
                                               kind);
}

dnnl::deconvolution_backward_data::primitive_desc deconvolution_data(const dnnl::engine& engine,
                                                                     const ConvMemory& memory,
                                                                     const Geometry& geometry) {
  return windowed_data<dnnl::deconvolution_forward, dnnl::deconvolution_backward_data>(
      engine, algorithm::deconvolution_direct, memory, geometry);
}

dnnl::deconvolution_backward_weights::primitive_desc deconvolution_weights(const dnnl::engine& engine,
                                                                           const ConvMemory& memory,
                                                                           const Geometry& geometry) {
  return windowed_data<dnnl::deconvolution_forward, dnnl::deconvolution_backward_weights>(
      engine, algorithm::deconvolution_direct, memory, geometry);
}

// Windows of pooling have no dilation here: 2.x keeps that in a primitive of its own.
dnnl::pooling_forward::primitive_desc pooling(const dnnl::engine& engine, algorithm how, const dnnl::memory::desc& src,
                                              const dnnl::memory::desc& dst, const dnnl::memory::dims& kernel,
                                              const Geometry& g, prop_kind kind) {
#if DNNL_VERSION_MAJOR >= 3
  return forward<dnnl::pooling_forward>(engine, attributes(), kind, how, src, dst, g.strides, kernel, g.dilates,
                                        g.pad_left, g.pad_right);
#else
  return forward<dnnl::pooling_forward>(engine, attributes(), kind, how, src, dst, g.strides, kernel, g.pad_left,
                                        g.pad_right);
#endif
}

dnnl::pooling_backward::primitive_desc pooling_backward(const dnnl::engine& engine, algorithm how,
                                                        const dnnl::memory::desc& diff_src,
                                                        const dnnl::memory::desc& diff_dst,
                                                        const dnnl::memory::dims& kernel, const Geometry& g,
                                                        const dnnl::pooling_forward::primitive_desc& hint) {
#if DNNL_VERSION_MAJOR >= 3
  return backward<dnnl::pooling_backward>(engine, hint, how, diff_src, diff_dst, g.strides, kernel, g.dilates,
                                          g.pad_left, g.pad_right);
#else
  return backward<dnnl::pooling_backward>(engine, hint, how, diff_src, diff_dst, g.strides, kernel, g.pad_left,
                                          g.pad_right);
#endif
}

dnnl::reorder::primitive_desc reorder(const dnnl::engine& engine, const dnnl::memory::desc& from,
                                      const dnnl::memory::desc& to) {
  return or_empty([&] { return dnnl::reorder::primitive_desc(engine, from, engine, to, attributes(), true); });
}

dnnl::memory::data_type data_type(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_data_type();
#else
  return desc.data_type();
#endif
}

void append_relu(dnnl::post_ops& post_ops) {
#if DNNL_VERSION_MAJOR >= 3
  post_ops.append_eltwise(algorithm::eltwise_relu, 0.0f, 0.0f);
#else
  post_ops.append_eltwise(1.0f, algorithm::eltwise_relu, 0.0f, 0.0f);
#endif
}

std::string version() {
  const auto* v = dnnl::version();
  return std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
}

std::string isa() {
  const char* text = dnnl_cpu_isa2str(static_cast<dnnl_cpu_isa_t>(dnnl::get_effective_cpu_isa()));
  std::string name = text != nullptr ? text : "unknown";
  constexpr std::string_view kPrefix = "cpu_isa_";
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

}  // namespace fcngraph::onednn::compat
