// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/scale.h>
#include <fcngraph/engine/ops/upsample.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

// A convolution that treats each pixel by itself, and alike.
bool is_pointwise(const Node& node) {
  if (node.op != &ops::conv2d()) return false;
  const auto& a = node.attrs.as<Conv2dAttrs>();
  return a.kernel == Extent2{1, 1} && a.stride == Extent2{1, 1} && a.pads == Pads{} && a.epilogue == Epilogue::none;
}

/// The way from an upsampling to a 1x1 convolution: through scales alone, each with no other user.
struct Way {
  NodeId upsample;
  std::vector<NodeId> scales;  ///< from the upsampling on
};

Way way_to(const Graph& graph, NodeId conv) {
  Way way;
  for (ValueId id = graph.node(conv).operands[0];; id = graph.node(way.scales.front()).operands[0]) {
    const Value& value = graph.value(id);
    if (!value.producer.valid() || value.uses.size() != 1 || graph.is_output(id)) return {};
    const OpDef* op = graph.node(value.producer).op;
    if (op == &ops::upsample()) return way.upsample = value.producer, way;
    if (op != &ops::scale()) return {};
    way.scales.insert(way.scales.begin(), value.producer);
  }
}

double flops_of(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  std::vector<const TensorType*> operands, results;
  for (const ValueId operand : node.operands)
    operands.push_back(operand.valid() ? &graph.value(operand).type : nullptr);
  for (const ValueId result : node.results) results.push_back(&graph.value(result).type);
  return node.op->flops ? node.op->flops(node.attrs, operands, results) : 0.0;
}

// What follows the upsampling would cost a share of what it does; the upsampling itself goes with its channels.
bool saves(const Graph& graph, const Way& way, NodeId conv) {
  const Node& upsample = graph.node(way.upsample);
  const Extent2 factor = upsample.attrs.as<UpsampleAttrs>().factor;
  const double pixels = static_cast<double>(factor.h) * static_cast<double>(factor.w);
  const double channels = static_cast<double>(graph.value(upsample.operands[0]).type.shape[1]);
  const double filters = static_cast<double>(graph.node(conv).attrs.as<Conv2dAttrs>().filters);
  double after = flops_of(graph, conv);
  for (const NodeId scale : way.scales) after += flops_of(graph, scale);
  const double upsampling = flops_of(graph, way.upsample);
  return after / pixels + upsampling * filters / channels < after + upsampling;
}

// The same operation on another input: its result has that input's height and width from now on.
void move_to(Rewriter& rewriter, NodeId node, ValueId input) {
  rewriter.set_operand(node, 0, input);
  const bool fits = rewriter.set_attrs(node, rewriter.graph().node(node).attrs);
  FCNGRAPH_ASSERT(fits, "an operation on each pixel does not mind how many there are");
}

void commute(Rewriter& rewriter, const Way& way, NodeId conv) {
  const Graph& graph = rewriter.graph();
  const std::string name = graph.node(conv).name;
  const ValueId scores = graph.node(conv).results[0];
  ValueId input = graph.node(way.upsample).operands[0];
  for (const NodeId scale : way.scales) {
    move_to(rewriter, scale, input);
    input = graph.node(scale).results[0];
  }
  move_to(rewriter, conv, input);

  const auto& order = graph.order();
  const auto next = std::next(std::find(order.begin(), order.end(), conv));
  rewriter.insert_before(next == order.end() ? NodeId{} : *next);
  const Node& old = graph.node(way.upsample);
  const NodeId upsample = rewriter.add(
      {rewriter.unique_name(name + ".upsample"), old.op, old.attrs, {scores}, old.phase, old.span, nullptr});
  rewriter.insert_before({});
  FCNGRAPH_ASSERT(upsample.valid(), "scores can be upsampled");
  rewriter.replace_uses(scores, graph.node(upsample).results[0]);
  rewriter.set_operand(upsample, 0, scores);
  rewriter.erase(way.upsample);
  // Who asks for the scores means those that were asked for.
  rewriter.rename(conv, rewriter.unique_name(name + ".conv2d"));
  rewriter.rename(upsample, name);
}

}  // namespace

bool commute_score_upsample(Rewriter& rewriter, const PassContext& context) {
  if (context.policy.exact) return false;
  const Graph& graph = rewriter.graph();
  bool changed = false;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    if (!is_pointwise(graph.node(id))) continue;
    const Way way = way_to(graph, id);
    if (!way.upsample.valid() || !saves(graph, way, id)) continue;
    commute(rewriter, way, id);
    changed = true;
  }
  return changed;
}

}  // namespace fcngraph
