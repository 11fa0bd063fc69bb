// SPDX-License-Identifier: Apache-2.0
#include "kernel.h"

#include <omp.h>

#include <array>
#include <cstdio>

#include <fcngraph/engine/ops/conv2d.h>

#include "../isa.h"
#include "../layout.h"
#include "../loop_kernel.h"
#include "choice.h"
#include "convolution.h"
#include "transform_points.h"
#include "weights.h"

namespace fcngraph::onednn::winograd {
namespace {

enum Operand : std::size_t { kX, kWeight, kBias, kAddend };
// Faster by less than this, it is not worth another order of sums.
constexpr double kGain = 0.85;

const Loops& loops_in_use() {
  switch (isa_in_use()) {
#if defined(__x86_64__)
    case Isa::avx512:
      return avx512_loops();
    case Isa::avx2:
      return avx2_loops();
#endif
    default:
      return scalar_loops();
  }
}

bool has_form(const Conv2dAttrs& a) {
  const Extent2 one{1, 1};
  return a.kernel == Extent2{kTaps, kTaps} && a.stride == one && a.dilation == one && a.groups == 1;
}

Image image_of(const TensorType& type) {
  const ChannelOrder order = channel_order(type).value();
  Image image;
  image.height = type.shape[2];
  image.width = type.shape[3];
  image.block = order.block;
  image.channels = (type.shape[1] + order.block - 1) / order.block * order.block;
  image.block_stride = image.height * image.width * image.block;
  image.image_stride = image.height * image.width * image.channels;
  return image;
}

bool suits(const TensorType& type, const Loops& loops) {
  const auto order = channel_order(type);
  return order && order->kind != ChannelOrder::Kind::plain && order->block % loops.lanes == 0;
}

/// The layout of data: as x comes, or what oneDNN's convolutions take on such a machine.
std::string data_tag(const StepView& step, const Loops& loops) {
  const TensorType &x = *step.operands[kX], &y = *step.results[0];
  const std::string& tag = x.layout.tag;
  if (!tag.empty() && suits(x, loops) && suits(in_tag(y, tag), loops)) return tag;
  return loops.lanes == 16 ? "aBcd16b" : "aBcd8b";
}

Extent2 sum_extent(const StepView& step) {
  const Shape& x = step.operands[kX]->shape;
  const Pads pads = resolve_pads(step.attrs->as<Conv2dAttrs>().window(), x[2], x[3]);
  return {x[2] + pads.top + pads.bottom - kTaps + 1, x[3] + pads.left + pads.right - kTaps + 1};
}

Layer layer_of(const StepView& step, const TensorType& x, const TensorType& y, const Loops& loops) {
  const auto& attrs = step.attrs->as<Conv2dAttrs>();
  const Pads pads = resolve_pads(attrs.window(), x.shape[2], x.shape[3]);
  const Extent2 sum = sum_extent(step);
  const Shape& weight = step.operands[kWeight]->shape;
  Layer layer;
  layer.x = image_of(x);
  layer.y = image_of(y);
  layer.pad_top = pads.top;
  layer.pad_left = pads.left;
  layer.tiles_down = (sum.h + kTile - 1) / kTile;
  layer.tiles_across = (sum.w + kTile - 1) / kTile;
  layer.tiles = x.shape[0] * layer.tiles_down * layer.tiles_across;
  layer.out_channels = weight[0];
  layer.weight_channels = weight_channels(weight[1]);
  layer.panels = weight_panels(weight[0], loops.panel);
  layer.pool = attrs.epilogue == Epilogue::relu_max_pool;
  layer.relu = attrs.epilogue == Epilogue::relu || attrs.epilogue == Epilogue::add_relu;
  return layer;
}

std::string in_words(const Estimate& estimate) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "F(4x4, 3x3) is expected to take %.2f of the direct time",
                estimate.winograd / estimate.direct);
  return text.data();
}

}  // namespace

std::optional<Capability> capability(const StepView& step, const KernelPolicy& policy) {
  const Loops& loops = loops_in_use();
  if (!has_form(step.attrs->as<Conv2dAttrs>()) || policy.exact || policy.kernels == "onednn") return std::nullopt;
  const Layout packed = weight_layout(*step.operands[kWeight], loops.panel);
  if (step.layouts_are_final && step.operands[kWeight]->layout != packed) return std::nullopt;

  const std::string tag = data_tag(step, loops);
  const TensorType x = in_tag(*step.operands[kX], tag), y = in_tag(*step.results[0], tag);
  const Layer layer = layer_of(step, x, y, loops);
  const Extent2 sum = sum_extent(step);
  const Estimate time = estimate(layer, loops, x.shape[1], x.shape[0] * sum.h * sum.w);
  const bool chosen = step.layouts_are_final || policy.kernels == "winograd" || time.winograd < kGain * time.direct;
  if (!chosen) return std::nullopt;

  Capability answer;
  answer.supported = true;
  answer.kernel = std::string("winograd4x4:") + loops.name;
  answer.reason = in_words(time);
  answer.operands = {x.layout, packed, {}, y.layout};
  answer.operands.resize(step.operands.size());
  answer.results = {y.layout};
  answer.workspace = workspace_bytes(layer, loops, schedule_for(layer, loops, omp_get_max_threads()));
  return answer;
}

std::unique_ptr<Kernel> prepare(const StepView& step) {
  const Loops& loops = loops_in_use();
  const TensorType &x = *step.operands[kX], &y = *step.results[0];
  if (!has_form(step.attrs->as<Conv2dAttrs>()) || panel_of(step.operands[kWeight]->layout) != loops.panel)
    return nullptr;
  if (!suits(x, loops) || !suits(y, loops)) return nullptr;
  const Layer layer = layer_of(step, x, y, loops);
  const Schedule schedule = schedule_for(layer, loops, omp_get_max_threads());
  const std::size_t operands = step.operands.size();
  return loop_kernel([layer, &loops, schedule, operands](const LaunchArgs& args) {
    const auto optional = [&](std::size_t i) { return i < operands ? input(args, i) : nullptr; };
    const Tensors tensors{input(args, kX), input(args, kWeight), optional(kBias), optional(kAddend), output(args, 0)};
    run(layer, loops, schedule, tensors, reinterpret_cast<float*>(args.workspace));
  });
}

std::optional<Capability> pack_capability(const StepView& step) {
  const TensorType &from = *step.operands[0], &to = *step.results[0];
  if (!panel_of(to.layout) || !from.layout.is_plain()) return std::nullopt;
  Capability answer;
  answer.supported = true;
  answer.kernel = "winograd4x4:pack";
  answer.operands = {from.layout};
  answer.results = {to.layout};
  return answer;
}

std::unique_ptr<Kernel> prepare_pack(const StepView& step) {
  const TensorType& from = *step.operands[0];
  const auto panel = panel_of(step.results[0]->layout);
  if (!panel || !from.layout.is_plain()) return nullptr;
  return loop_kernel(
      [from, panel = *panel](const LaunchArgs& args) { pack(from, panel, input(args, 0), output(args, 0)); });
}

}  // namespace fcngraph::onednn::winograd
