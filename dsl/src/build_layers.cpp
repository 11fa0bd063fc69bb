// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graph_builder.h"

namespace fcngraph::dsl {
namespace {

std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return checked_mul((value + multiple - 1) / multiple, multiple);
}

void build_input(GraphBuilder& b) {
  const BuildOptions& o = b.options();
  const Shape shape{o.batch, *b.spec().channels, o.height, o.width};
  const ValueId image = b.rewriter().add_input("image", {o.dtype, shape, {}}, b.spec().height.span);
  return b.define("image", image);
}

// Zeros at the bottom and right, so that every layer that a head needs sees an even size.
void pad_input(GraphBuilder& b, const Extent2& multiple) {
  const BuildOptions& o = b.options();
  const std::int64_t bottom = round_up(o.height, multiple.h) - o.height;
  const std::int64_t right = round_up(o.width, multiple.w) - o.width;
  if (bottom == 0 && right == 0) return;
  b.define("image", b.add_node("image.padded", "pad", {{"pads", std::vector<std::int64_t>{0, 0, bottom, right}}},
                               {b.find("image")}, b.spec().height.span));
}

bool crops(const ModelSpec& spec) {
  const auto crop = [](const HeadSpec& head) { return *head.align == "crop"; };
  return std::any_of(spec.heads.begin(), spec.heads.end(), crop) ||
         std::any_of(spec.other_heads.begin(), spec.other_heads.end(), crop);
}

Layer layer_of(GraphBuilder& b, const NodeSpec& node, Part part) {
  Layer layer;
  layer.name = *node.name;
  layer.op = *node.op;
  layer.op_span = node.op.span;
  for (const auto& input : node.inputs) layer.inputs.push_back(b.find(*input));
  layer.attrs = node.attrs;
  layer.attr_spans = node.attr_spans;
  layer.key_spans = node.key_spans;
  layer.activation = *node.activation;
  layer.dropout = *node.dropout;
  layer.init = *node.init;
  layer.bias = !node.bias || **node.bias;
  layer.part = part;
  layer.trainable = b.is_trainable(
      part, *node.name, node.trainable || part != Part::backbone ? node.trainable : b.spec().backbone.trainable);
  layer.span = node.span;
  return layer;
}

Layer layer_of(GraphBuilder& b, const DenseConvSpec& dense) {
  Layer layer;
  layer.name = *dense.name;
  layer.op = "conv2d";
  layer.inputs = {b.find(*dense.from)};
  layer.attrs = {{"filters", *dense.filters}, {"kernel", *dense.kernel}, {"padding", *dense.padding}};
  layer.activation = *dense.activation;
  layer.dropout = *dense.dropout;
  layer.init = *dense.init;
  layer.bias = *dense.bias;
  layer.part = Part::dense_conv;
  layer.trainable = b.is_trainable(Part::dense_conv, *dense.name, dense.trainable);
  layer.span = dense.span;
  return layer;
}

}  // namespace

void build_layers(GraphBuilder& b) {
  build_input(b);
  // Heads that are cut to the input's size need no size in whole strides.
  if (!crops(b.spec())) pad_input(b, deepest_stride(b.spec(), b.ops()));
  for (const NodeSpec& node : b.spec().backbone.nodes) b.add_layer(layer_of(b, node, Part::backbone));
  for (const DenseConvSpec& dense : b.spec().dense_convs) b.add_layer(layer_of(b, dense));
  for (const NodeSpec& node : b.spec().nodes) b.add_layer(layer_of(b, node, Part::node));
}

}  // namespace fcngraph::dsl
