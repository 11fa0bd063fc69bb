// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include <oneapi/dnnl/dnnl.hpp>

/// Everything in which oneDNN 2.6 and 3.x differ. Functions that make a descriptor return an empty one where oneDNN has no
/// implementation, and scratch memory is always the caller's.
namespace fcngraph::onednn::compat {

/// Strides, dilations (0: dense) and zeros of a window, per spatial axis.
struct Geometry {
  dnnl::memory::dims strides, dilates, pad_left, pad_right;
};

/// Memory of a convolution, its own or a gradient's; `bias` is an empty descriptor where there is none.
struct ConvMemory {
  dnnl::memory::desc src, weights, bias, dst;
};

dnnl::convolution_forward::primitive_desc convolution(const dnnl::engine& engine, const ConvMemory& memory,
                                                      const Geometry& geometry, const dnnl::post_ops& post_ops,
                                                      dnnl::prop_kind kind);
dnnl::convolution_backward_data::primitive_desc convolution_data(const dnnl::engine& engine, const ConvMemory& memory,
                                                                 const Geometry& geometry);
dnnl::convolution_backward_weights::primitive_desc convolution_weights(const dnnl::engine& engine,
                                                                       const ConvMemory& memory,
                                                                       const Geometry& geometry);

dnnl::deconvolution_forward::primitive_desc deconvolution(const dnnl::engine& engine, const ConvMemory& memory,
                                                          const Geometry& geometry, const dnnl::post_ops& post_ops,
                                                          dnnl::prop_kind kind);
dnnl::deconvolution_backward_data::primitive_desc deconvolution_data(const dnnl::engine& engine,
                                                                     const ConvMemory& memory,
                                                                     const Geometry& geometry);
dnnl::deconvolution_backward_weights::primitive_desc deconvolution_weights(const dnnl::engine& engine,
                                                                           const ConvMemory& memory,
                                                                           const Geometry& geometry);

dnnl::pooling_forward::primitive_desc pooling(const dnnl::engine& engine, dnnl::algorithm algorithm,
                                              const dnnl::memory::desc& src, const dnnl::memory::desc& dst,
                                              const dnnl::memory::dims& kernel, const Geometry& geometry,
                                              dnnl::prop_kind kind);
dnnl::pooling_backward::primitive_desc pooling_backward(const dnnl::engine& engine, dnnl::algorithm algorithm,
                                                        const dnnl::memory::desc& diff_src,
                                                        const dnnl::memory::desc& diff_dst,
                                                        const dnnl::memory::dims& kernel, const Geometry& geometry,
                                                        const dnnl::pooling_forward::primitive_desc& hint);

dnnl::reorder::primitive_desc reorder(const dnnl::engine& engine, const dnnl::memory::desc& from,
                                      const dnnl::memory::desc& to);

dnnl::memory::data_type data_type(const dnnl::memory::desc& desc);

void append_relu(dnnl::post_ops& post_ops);

/// "2.6.3", of the library that runs.
std::string version();
/// "avx512_core_bf16"
std::string isa();

}  // namespace fcngraph::onednn::compat
