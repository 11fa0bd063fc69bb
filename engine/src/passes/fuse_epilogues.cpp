// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/pool2d.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

constexpr std::size_t kBias = 2;
constexpr std::size_t kAddend = 3;

// The node that alone uses this value, if its op has that name; the value must not be an output.
NodeId only_user(const Graph& graph, ValueId value, std::string_view op) {
  const auto& uses = graph.value(value).uses;
  if (uses.size() != 1 || graph.is_output(value)) return {};
  return graph.node(uses[0].node).op->name == op ? uses[0].node : NodeId{};
}

bool backend_agrees(const Graph& graph, const PassContext& context, const Node& conv, const Conv2dAttrs& fused,
                    ValueId result, ValueId addend) {
  const Attrs attrs(fused);
  StepView view{conv.name, conv.op, &attrs, {}, {&graph.value(result).type}, nullptr};
  for (std::size_t i = 0; i <= kBias; ++i) {
    const bool present = i < conv.operands.size() && conv.operands[i].valid();
    view.operands.push_back(present ? &graph.value(conv.operands[i]).type : nullptr);
  }
  view.operands.push_back(addend.valid() ? &graph.value(addend).type : nullptr);
  return context.backend->capability(view, context.policy).supported;
}

// Puts a convolution with the epilogue in the place of `last`, the node whose result the fused step makes; the node, or an invalid
// id when the backend cannot run it.
NodeId fuse(Rewriter& rewriter, const PassContext& context, NodeId conv_id, NodeId last, Epilogue epilogue,
            ValueId addend) {
  const Graph& graph = rewriter.graph();
  const Node& conv = graph.node(conv_id);
  auto attrs = conv.attrs.as<Conv2dAttrs>();
  attrs.epilogue = epilogue;
  if (conv.phase != graph.node(last).phase) return {};
  if (!backend_agrees(graph, context, conv, attrs, graph.node(last).results[0], addend)) return {};

  NodeInit init{rewriter.unique_name(conv.name + "+" +
                                     std::string(EnumNames<Epilogue>::names[static_cast<std::size_t>(epilogue)])),
                conv.op,
                attrs,
                conv.operands,
                conv.phase,
                conv.span,
                nullptr};
  init.operands.resize(kAddend + 1);
  init.operands[kAddend] = addend;
  rewriter.insert_before(last);
  const ValueId fused = rewriter.add_value(std::move(init));
  rewriter.insert_before({});
  FCNGRAPH_ASSERT(fused.valid(), "a fused convolution has the shapes of its parts");
  rewriter.replace_uses(graph.node(last).results[0], fused);
  const ValueId successors[] = {fused};
  // The fused step makes what the last node made, and is called so.
  const std::string name = graph.node(last).name;
  // From the end backwards, so that nothing is erased while in use.
  for (NodeId id = last; id.valid() && id != conv_id;) {
    const Node& node = graph.node(id);
    NodeId previous;
    for (const ValueId operand : node.operands) {
      const Value& value = graph.value(operand);
      if (value.producer.valid() && (value.producer == conv_id || graph.node(value.producer).op->name == "add") &&
          operand != addend)
        previous = value.producer;
    }
    rewriter.erase(id, successors);
    id = previous;
  }
  rewriter.erase(conv_id, successors);
  rewriter.rename(graph.value(fused).producer, name);
  return graph.value(fused).producer;
}

// A pooling of 2x2 pixels each, whose second result, where the largest was, nobody reads.
bool pools_pairs(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const auto& a = node.attrs.as<MaxPool2dAttrs>();
  const Window window = a.window();
  const Shape& x = graph.value(node.operands[0]).type.shape;
  const bool whole = x[2] % 2 == 0 && x[3] % 2 == 0;
  const bool inside = a.padding == Padding::valid ? !a.ceil || whole : a.padding == Padding::same && whole;
  const ValueId indices = node.results[1];
  return window.kernel == Extent2{2, 2} && window.stride == Extent2{2, 2} && inside &&
         graph.value(indices).uses.empty() && !graph.is_output(indices);
}

bool fuse_pool(Rewriter& rewriter, const PassContext& context, NodeId conv_id) {
  const NodeId pool = only_user(rewriter.graph(), rewriter.graph().node(conv_id).results[0], "max_pool2d");
  return pool.valid() && pools_pairs(rewriter.graph(), pool) &&
         fuse(rewriter, context, conv_id, pool, Epilogue::relu_max_pool, {}).valid();
}

bool fuse_at(Rewriter& rewriter, const PassContext& context, NodeId conv_id) {
  const Graph& graph = rewriter.graph();
  const Node& conv = graph.node(conv_id);
  const Epilogue has = conv.attrs.as<Conv2dAttrs>().epilogue;
  if (has == Epilogue::relu) return fuse_pool(rewriter, context, conv_id);
  if (has != Epilogue::none) return false;
  const ValueId sum = conv.results[0];
  if (const NodeId relu = only_user(graph, sum, "relu"); relu.valid()) {
    const NodeId fused = fuse(rewriter, context, conv_id, relu, Epilogue::relu, {});
    if (fused.valid()) fuse_pool(rewriter, context, fused);
    return fused.valid();
  }

  const NodeId add = only_user(graph, sum, "add");
  if (!add.valid() || graph.node(add).operands.size() != 2) return false;
  const ValueId addend = graph.node(add).operands[graph.node(add).operands[0] == sum ? 1 : 0];
  if (addend == sum) return false;
  const NodeId relu = only_user(graph, graph.node(add).results[0], "relu");
  if (relu.valid() && fuse(rewriter, context, conv_id, relu, Epilogue::add_relu, addend).valid()) return true;
  return fuse(rewriter, context, conv_id, add, Epilogue::add, addend).valid();
}

}  // namespace

bool fuse_epilogues(Rewriter& rewriter, const PassContext& context) {
  bool changed = false;
  const std::vector<NodeId> order = rewriter.graph().order();
  for (const NodeId id : order) {
    const Node& node = rewriter.graph().node(id);
    if (node.erased || node.op != &ops::conv2d()) continue;
    changed = fuse_at(rewriter, context, id) || changed;
  }
  return changed;
}

}  // namespace fcngraph
