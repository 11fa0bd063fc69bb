// SPDX-License-Identifier: Apache-2.0
#include "convolution.h"

#include <limits>

#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/conv2d_transpose.h>

namespace fcngraph::cudnn {
namespace {

/// What the attributes of the six ops have in common.
struct Geometry2 {
  Window window;
  std::int64_t groups = 1;
};
template <class A>
Geometry2 geometry(const StepView& step) {
  const auto& a = step.attrs->as<A>();
  return {a.window(), a.groups};
}

std::array<std::int32_t, 4> extents(const TensorType& type) {
  std::array<std::int32_t, 4> out{};
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::int32_t>(type.shape[i]);
  return out;
}

bool present(const StepView& step, std::size_t i) { return i < step.operands.size() && step.operands[i] != nullptr; }

const TensorType& tensor(const StepView& step, int i) {
  return i < 0 ? *step.results[0] : *step.operands[static_cast<std::size_t>(i)];
}

/// Which convolution an op is, and which of its tensors plays which part.
Geometry2 take_parts(const StepView& step, ConvolutionStep& out) {
  const std::string& op = step.op->name;
  const auto parts = [&](ConvolutionKind kind, int x, int w, int y) {
    out.key.kind = kind, out.x = x, out.w = w, out.y = y;
  };
  out.transposed = op.starts_with("conv2d_transpose");
  if (op == "conv2d") return parts(ConvolutionKind::forward, 0, 1, -1), geometry<Conv2dAttrs>(step);
  if (op == "conv2d_grad_input")
    return parts(ConvolutionKind::data_gradient, -1, 1, 0), geometry<Conv2dGradAttrs>(step);
  if (op == "conv2d_grad_weight")
    return parts(ConvolutionKind::weight_gradient, 0, -1, 1), geometry<Conv2dGradAttrs>(step);
  if (op == "conv2d_transpose")
    return parts(ConvolutionKind::data_gradient, -1, 1, 0), geometry<Conv2dTransposeAttrs>(step);
  if (op == "conv2d_transpose_grad_input")
    return parts(ConvolutionKind::forward, 0, 1, -1), geometry<Conv2dTransposeGradAttrs>(step);
  // conv2d_transpose_grad_weight reads (x, grad_y): x is what the convolution puts out.
  return parts(ConvolutionKind::weight_gradient, 1, -1, 0), geometry<Conv2dTransposeGradAttrs>(step);
}

void take_epilogue(const StepView& step, ConvolutionStep& out) {
  if (step.op->name != "conv2d" && step.op->name != "conv2d_transpose") return;
  constexpr std::size_t kBias = 2, kAddend = 3;
  if (present(step, kBias)) out.bias = kBias;
  if (step.op->name != "conv2d") return;
  const Epilogue epilogue = step.attrs->as<Conv2dAttrs>().epilogue;
  if (present(step, kAddend)) out.addend = kAddend;
  out.key.relu = epilogue == Epilogue::relu || epilogue == Epilogue::add_relu;
}

bool fits_32_bits(const StepView& step) {
  for (const auto* types : {&step.operands, &step.results}) {
    for (const TensorType* type : *types) {
      if (type != nullptr && type->shape.elements() > std::numeric_limits<std::int32_t>::max()) return false;
    }
  }
  return true;
}

DirectConvolution direct_of(const ConvolutionStep& c, const StepView& step) {
  DirectConvolution v = direct_convolution(c.key);
  v.x = grid_of(tensor(step, c.x)), v.y = grid_of(tensor(step, c.y));
  v.groups = c.key.x[1] / c.key.w[1];
  // Where the weights lie as the op has them, their grid has the op's O and I: those of a transposed convolution in other places.
  v.transposed_weights = c.transposed && c.weight_layout == kChannelsLast;
  v.w = grid_of(tensor(step, c.w));
  if (c.transposed && !v.transposed_weights) v.w = direct_convolution(c.key).w;
  return v;
}

void* address(const LaunchArgs& args, int i) {
  return i < 0 ? args.results[0] : args.operands[static_cast<std::size_t>(i)];
}

ConvolutionPointers pointers(const ConvolutionStep& c, const LaunchArgs& args) {
  ConvolutionPointers at{address(args, c.x), address(args, c.w), address(args, c.y), nullptr, nullptr};
  if (c.bias >= 0) at.bias = address(args, c.bias);
  if (c.addend >= 0) at.addend = address(args, c.addend);
  return at;
}

/// How a step runs: everything in one engine, an engine and then what is behind it, or loops of our own and then that.
struct Choice {
  const ConvolutionEngine* engine = nullptr;
  bool fused = false;
  std::string reason;
};

Choice choose(const ConvolutionStep& c, EngineSource& engines) {
  if (!c.why_direct.empty()) return {nullptr, false, c.why_direct};
  std::string why, why_plain;
  if (const auto* engine = engines.find(c.key, why)) return {engine, true, engine->name()};
  if (c.key.has_epilogue()) {
    if (const auto* engine = engines.find(without_epilogue(c.key), why_plain))
      return {engine, false, engine->name() + ", and bias and ReLU apart, since fused " + why};
  }
  return {nullptr, false, "cuDNN has no engine for it: " + (why_plain.empty() ? why : why_plain)};
}

}  // namespace

bool is_convolution(std::string_view op) { return op.starts_with("conv2d"); }

ConvolutionStep convolution_step(const StepView& step, const KernelPolicy& policy) {
  ConvolutionStep out;
  const Geometry2 g = take_parts(step, out);
  const Window& window = g.window;
  PlanKey& key = out.key;
  const TensorType &x = tensor(step, out.x), &y = tensor(step, out.y), &w = tensor(step, out.w);
  key.storage = x.dtype;
  key.x = extents(x), key.y = extents(y), key.w = extents(w);
  const auto groups = static_cast<std::int32_t>(g.groups);
  // Seen from the convolution, a transposed one's output channels are its input.
  if (out.transposed) key.w[0] = key.y[1], key.w[1] = key.x[1] / groups;
  const Pads pads = resolve_pads(window, x.shape[2], x.shape[3]);
  const auto narrow = [](std::int64_t n) { return static_cast<std::int32_t>(n); };
  key.pads = {narrow(pads.top), narrow(pads.left), narrow(pads.bottom), narrow(pads.right)};
  key.stride = {narrow(window.stride.h), narrow(window.stride.w)};
  key.dilation = {narrow(window.dilation.h), narrow(window.dilation.w)};
  key.deterministic = policy.deterministic;
  key.autotune = policy.kernels == "autotune";
  take_epilogue(step, out);
  key.bias = out.bias >= 0 && key.kind == ConvolutionKind::forward;
  key.addend = out.addend >= 0;
  out.weight_layout = out.transposed ? kInputsOutermost : kChannelsLast;
  if (out.transposed && groups > 1) {
    out.weight_layout = kChannelsLast;
    out.why_direct = "the weights of a transposed convolution in groups lie in no order that cuDNN reads";
  }
  return out;
}

Capability convolution_capability(const StepView& step, const KernelPolicy& policy, EngineSource& engines) {
  if (!fits_32_bits(step)) return Capability::no("a tensor has 2^31 elements or more; a smaller batch has fewer");
  if (step.op->name == "conv2d" && step.attrs->as<Conv2dAttrs>().epilogue == Epilogue::relu_max_pool)
    return Capability::no("cuDNN fuses no pooling behind a convolution");
  const ConvolutionStep c = convolution_step(step, policy);
  const Choice choice = choose(c, engines);
  Capability yes;
  yes.supported = true;
  yes.kernel = choice.engine == nullptr                ? "cuda:direct"
               : choice.fused || !c.key.has_epilogue() ? "cudnn"
                                                       : "cudnn+cuda";
  yes.reason = choice.reason;
  yes.workspace = choice.engine == nullptr ? 0 : static_cast<std::int64_t>(choice.engine->workspace());
  const auto weights = [&](const TensorType& type) {
    return Layout{c.weight_layout, type.shape.elements() * static_cast<std::int64_t>(size_of(type.dtype))};
  };
  for (std::size_t i = 0; i < step.operands.size(); ++i) {
    const TensorType* type = step.operands[i];
    if (type == nullptr)
      yes.operands.emplace_back();
    else
      yes.operands.push_back(static_cast<int>(i) == c.w ? weights(*type) : channels_last(*type));
  }
  yes.results = {c.w < 0 ? weights(*step.results[0]) : channels_last(*step.results[0])};
  return yes;
}

Enqueue prepare_convolution(const StepView& step, const KernelPolicy& policy, EngineSource& engines) {
  const ConvolutionStep c = convolution_step(step, policy);
  const Choice choice = choose(c, engines);
  const DirectConvolution direct = direct_of(c, step);
  const Grid y = grid_of(tensor(step, -1));
  const bool behind = !choice.fused || !c.key.bias;
  const bool relu = c.key.relu && !choice.fused;
  const bool addend = c.addend >= 0 && !choice.fused;
  const bool bias = c.bias >= 0 && behind;
  return [=, engine = choice.engine](const LaunchArgs& args, const Queue& queue) {
    const ConvolutionPointers at = pointers(c, args);
    if (engine != nullptr)
      engine->run(queue, at, args.workspace);
    else
      run_direct(queue, direct, at.x, at.w, at.y);
    if (bias || addend || relu)
      run_epilogue(queue, c.key.storage, y, args.results[0], bias ? at.bias : nullptr, addend ? at.addend : nullptr,
                   relu);
  };
}

}  // namespace fcngraph::cudnn
