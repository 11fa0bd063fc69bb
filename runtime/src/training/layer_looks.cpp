// SPDX-License-Identifier: Apache-2.0
#include "training/layer_looks.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fcngraph/engine/ops/cast.h>
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/gradient_norm.h>
#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/ops/reorder.h>

#include "training/stopwatch.h"

namespace fcngraph::training {
namespace {

/// Numbers of one tensor that a look reads, about.
constexpr std::int64_t kMostElements = 1 << 20;

constexpr std::string_view kSumSquares = ".sum_squares";

/// The parameter that a value is, packed or not; empty where it is none that trains.
std::string trained_parameter(const Graph& graph, ValueId id) {
  while (id.valid()) {
    const Value& value = graph.value(id);
    if (value.role == Role::parameter) return value.trainable ? value.name : std::string();
    if (!value.producer.valid()) return {};
    const Node& maker = graph.node(value.producer);
    if (maker.op != &ops::reorder() && maker.op != &ops::cast()) return {};
    id = maker.operands[0];
  }
  return {};
}

std::string trained_parameter(const Graph& graph, const Node& node) {
  for (const ValueId operand : node.operands) {
    if (auto name = trained_parameter(graph, operand); !name.empty()) return name;
  }
  return {};
}

/// The parameter of the layer whose ReLU this is; empty for another node, or where it does not train.
std::string parameter_behind_relu(const Graph& graph, const Node& node) {
  if (node.op == &ops::conv2d()) {
    const auto epilogue = node.attrs.as<Conv2dAttrs>().epilogue;
    const bool clips =
        epilogue == Epilogue::relu || epilogue == Epilogue::add_relu || epilogue == Epilogue::relu_max_pool;
    return clips ? trained_parameter(graph, node) : std::string();
  }
  if (node.op != &ops::relu()) return {};
  const NodeId maker = graph.value(node.operands[0]).producer;
  return maker.valid() ? trained_parameter(graph, graph.node(maker)) : std::string();
}

/// Channels that lie beside each other, by the layout's tag; nothing for a layout that this does not know.
std::optional<std::int64_t> channel_block(const TensorType& type) {
  const std::string& tag = type.layout.tag;
  if (tag.empty()) return 1;
  if (tag == "acdb") return type.shape[1];
  std::int64_t block = 0;
  const char *first = tag.data() + 4, *last = tag.data() + tag.size() - 1;
  if (!tag.starts_with("aBcd") || tag.back() != 'b' || std::from_chars(first, last, block).ptr != last || block < 1)
    return std::nullopt;
  return block;
}

}  // namespace

LayerLooks::LayerLooks(Executor& executor, double& spent) : spent_(spent) {
  const Plan& plan = executor.plan();
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    const Node& node = plan.graph.node(plan.steps[s].node);
    if (node.op == &ops::sum_squares() && node.name.ends_with(kSumSquares)) {
      watch_gradient(executor, s);
    } else if (const auto parameter = parameter_behind_relu(plan.graph, node); !parameter.empty()) {
      watch_activation(executor, s, parameter);
    }
  }
}

void LayerLooks::watch_gradient(Executor& executor, std::size_t step) {
  const Step& at = executor.plan().steps[step];
  const Slot& slot = executor.plan().slots[static_cast<std::size_t>(at.operands[0])];
  if (slot.type.dtype != DType::f32) return;
  auto& gradient = *gradients_.emplace_back(std::make_unique<Gradient>());
  gradient.vitals.parameter = at.name.substr(0, at.name.size() - kSumSquares.size());
  gradient.elements = slot.bytes / static_cast<std::int64_t>(sizeof(float));
  // Odd, so that it does not step over whole channels.
  gradient.stride = std::max<std::int64_t>(1, gradient.elements / kMostElements) | 1;
  executor.watch(step, false, [this, &gradient](const LaunchArgs& args) {
    if (!open_) return;
    const Stopwatch watch(spent_);
    const auto* values = reinterpret_cast<const float*>(args.operands[0]);
    for (std::int64_t i = 0; i < gradient.elements; i += gradient.stride) {
      gradient.vitals.zeros += values[i] == 0.0F ? 1 : 0;
      ++gradient.vitals.elements;
    }
  });
}

void LayerLooks::watch_activation(Executor& executor, std::size_t step, const std::string& parameter) {
  const Step& at = executor.plan().steps[step];
  const Slot& slot = executor.plan().slots[static_cast<std::size_t>(at.results[0])];
  const Shape& shape = slot.type.shape;
  if (slot.type.dtype != DType::f32 || shape.rank() != 4) return;
  const auto block = channel_block(slot.type);
  if (!block) return;
  auto& seen = *activations_.emplace_back(std::make_unique<Activation>());
  seen.vitals.layer = at.name;
  seen.vitals.parameter = parameter;
  seen.vitals.channels = shape[1];
  seen.block = *block;
  seen.blocks = (shape[1] + *block - 1) / *block;
  seen.pixels = shape[2] * shape[3];
  const std::int64_t image = seen.blocks * seen.pixels * seen.block;
  seen.images = std::clamp<std::int64_t>(kMostElements / std::max<std::int64_t>(image, 1), 1, shape[0]);
  if (slot.bytes < shape[0] * image * static_cast<std::int64_t>(sizeof(float))) {
    activations_.pop_back();
    return;
  }
  executor.watch(step, true, [this, &seen](const LaunchArgs& args) {
    if (!open_) return;
    const Stopwatch watch(spent_);
    const auto* values = reinterpret_cast<const float*>(args.results[0]);
    for (std::int64_t row = 0; row < seen.images * seen.blocks; ++row) {
      const std::int64_t first = row % seen.blocks * seen.block;
      for (std::int64_t i = 0; i < seen.pixels * seen.block; ++i) {
        if (values[row * seen.pixels * seen.block + i] > 0)
          seen.alive[static_cast<std::size_t>(first + i % seen.block)] = true;
      }
    }
  });
}

void LayerLooks::open() {
  open_ = true;
  for (auto& gradient : gradients_) gradient->vitals.zeros = gradient->vitals.elements = 0;
  for (auto& seen : activations_) seen->alive.assign(static_cast<std::size_t>(seen->blocks * seen->block), false);
}

LayerVitals LayerLooks::close() {
  open_ = false;
  LayerVitals out;
  for (const auto& gradient : gradients_) {
    if (gradient->vitals.elements > 0) out.gradients.push_back(gradient->vitals);
  }
  for (auto& seen : activations_) {
    const auto channels = static_cast<std::ptrdiff_t>(seen->vitals.channels);
    seen->vitals.dead = std::count(seen->alive.begin(), seen->alive.begin() + channels, false);
    out.channels.push_back(seen->vitals);
  }
  return out;
}

}  // namespace fcngraph::training
