// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "convolution.h"
#include "kernel_def.h"
#include "primitive_kernel.h"

namespace fcngraph::onednn {

/// The tensors of a convolution or transposed convolution as its gradients see them, in the order (source, weight,
/// destination), whether they are operands or the result of the step.
struct GradientTensors : ConvTypes {
  compat::Geometry geometry;

  std::optional<compat::ConvMemory> memory() const {
    const auto s = desc_of(*src), w = desc_of(*weight, groups), d = desc_of(*dst);
    if (!s || !w || !d) return std::nullopt;
    return compat::ConvMemory{*s, *w, {}, *d};
  }
};

/// One gradient: how its descriptor is made, and which of the descriptor's tensors is which.
template <class Primitive>
struct GradientOf {
  using Desc = typename Primitive::primitive_desc;
  Desc (*make)(const dnnl::engine&, const compat::ConvMemory&, const compat::Geometry&);
  std::vector<Chosen> (*list)(const Desc&, const GradientTensors&);  ///< operand 0, operand 1, result
  int arguments[3];                                                  ///< oneDNN's names of the same
  std::string (*forward)(const GradientTensors&);  ///< the layout of the destination that the forward pass chooses
};

/// The layouts that data of a gradient has, and the one that the forward pass works in: gradients that come from plain ops join it.
inline std::vector<std::string> data_tags(const StepView& step, const GradientTensors& tensors, std::string forward) {
  std::vector<std::string> tags;
  for (const TensorType* type : step.operands) {
    if (type != nullptr && type != tensors.weight) tags.push_back(type->layout.tag);
  }
  tags.push_back(std::move(forward));
  return tags;
}

inline std::string forward_convolution(const GradientTensors& t) {
  const auto pd =
      compat::convolution(cpu_engine(), memory_for({}, t), t.geometry, {}, dnnl::prop_kind::forward_inference);
  const auto layout = pd ? layout_of(pd.dst_desc(), *t.dst) : std::nullopt;
  return layout ? layout->tag : std::string();
}

inline std::string forward_deconvolution(const GradientTensors& t) {
  const auto pd =
      compat::deconvolution(cpu_engine(), memory_for({}, t), t.geometry, {}, dnnl::prop_kind::forward_training);
  const auto layout = pd ? layout_of(pd.dst_desc(), *t.dst) : std::nullopt;
  return layout ? layout->tag : std::string();
}

template <class Primitive>
Capability gradient_capability(const StepView& step, const GradientTensors& tensors,
                               const GradientOf<Primitive>& gradient) {
  using Desc = typename Primitive::primitive_desc;
  const auto make = [&](const Ask& ask) {
    return gradient.make(cpu_engine(), memory_for(ask, tensors), tensors.geometry);
  };
  const auto layouts = negotiate(step, data_tags(step, tensors, gradient.forward(tensors)), make,
                                 [&](const Desc& pd) { return gradient.list(pd, tensors); });
  if (!layouts) return Capability::no("oneDNN has no '" + step.op->name + "' for these extents");
  const TensorType types[3] = {with_layout(*step.operands[0], (*layouts)[0]),
                               with_layout(*step.operands[1], (*layouts)[1]),
                               with_layout(*step.results[0], (*layouts)[2])};
  GradientTensors chosen = tensors;
  for (const TensorType** t : {&chosen.src, &chosen.weight, &chosen.dst}) {
    *t = *t == step.operands[0] ? &types[0] : *t == step.operands[1] ? &types[1] : &types[2];
  }
  Capability answer;
  answer.operands = {(*layouts)[0], (*layouts)[1]};
  answer.results = {(*layouts)[2]};
  const auto memory = chosen.memory();
  const Desc pd = memory ? gradient.make(cpu_engine(), *memory, tensors.geometry) : Desc();
  if (!pd) return Capability::no("oneDNN refuses the formats that it chose itself");
  describe(answer, pd);
  return answer;
}

template <class Primitive>
std::unique_ptr<Kernel> gradient_kernel(const StepView&, const DeviceContext& context, const GradientTensors& tensors,
                                        const GradientOf<Primitive>& gradient) {
  const auto memory = tensors.memory();
  if (!memory) return nullptr;
  const auto pd = gradient.make(cpu_engine(), *memory, tensors.geometry);
  if (!pd) return nullptr;
  const auto list = gradient.list(pd, tensors);
  auto kernel = std::make_unique<PrimitiveKernel>(context, Primitive(pd), pd.scratchpad_desc());
  kernel->operand(gradient.arguments[0], 0, list[0].desc)
      .operand(gradient.arguments[1], 1, list[1].desc)
      .result(gradient.arguments[2], 0, list[2].desc);
  return kernel;
}

/// (grad_y, weight) -> grad_x
template <class Primitive>
GradientOf<Primitive> data_gradient(decltype(GradientOf<Primitive>::make) make,
                                    decltype(GradientOf<Primitive>::forward) forward) {
  return {make,
          [](const typename Primitive::primitive_desc& pd, const GradientTensors& t) {
            return std::vector<Chosen>{
                {pd.diff_dst_desc(), t.dst}, {pd.weights_desc(), t.weight, t.groups}, {pd.diff_src_desc(), t.src}};
          },
          {DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC},
          forward};
}

/// (x, grad_y) -> grad_weight
template <class Primitive>
GradientOf<Primitive> weight_gradient(decltype(GradientOf<Primitive>::make) make,
                                      decltype(GradientOf<Primitive>::forward) forward) {
  return {make,
          [](const typename Primitive::primitive_desc& pd, const GradientTensors& t) {
            return std::vector<Chosen>{
                {pd.src_desc(), t.src}, {pd.diff_dst_desc(), t.dst}, {pd.diff_weights_desc(), t.weight, t.groups}};
          },
          {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS},
          forward};
}

}  // namespace fcngraph::onednn
