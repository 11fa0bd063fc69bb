// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "convolution.h"
#include "primitive_kernel.h"

namespace fcngraph::onednn {

using ConvolutionForward = dnnl::convolution_forward::primitive_desc;

/// oneDNN's convolution for a step of conv2d with its tensors as these descriptors say; empty where it has none.
ConvolutionForward conv2d_primitive(const StepView& step, const dnnl::memory::desc& x, const dnnl::memory::desc& weight,
                                    const dnnl::memory::desc& y);

/// Its kernel, which reads x, weights, bias and addend where the step's operands are.
std::unique_ptr<PrimitiveKernel> conv2d_kernel(const StepView& step, const DeviceContext& context,
                                               const ConvolutionForward& pd);

}  // namespace fcngraph::onednn
