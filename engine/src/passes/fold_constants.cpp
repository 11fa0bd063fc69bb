// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fcngraph/engine/interpret.h>
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

// What is larger is cheaper to compute than to keep.
constexpr std::int64_t kLargest = 64 * 1024;

bool has_loop(DType dtype) { return dtype != DType::f16 && dtype != DType::bf16; }

bool folds(const Graph& graph, const Node& node) {
  if (node.operands.empty() || !node.op->updates.empty() || node.body) return false;
  for (const ValueId operand : node.operands) {
    if (!operand.valid()) continue;
    const Value& value = graph.value(operand);
    if (value.role != Role::constant || !has_loop(value.type.dtype)) return false;
  }
  return std::all_of(node.results.begin(), node.results.end(), [&](ValueId result) {
    const TensorType& type = graph.value(result).type;
    return has_loop(type.dtype) && bytes_of(type) <= kLargest;
  });
}

void fold(Rewriter& rewriter, NodeId id) {
  const Graph& graph = rewriter.graph();
  std::vector<const std::byte*> operands;
  for (const ValueId operand : graph.node(id).operands)
    operands.push_back(operand.valid() ? graph.value(operand).data.data() : nullptr);
  std::vector<HostTensor> made = interpret_node(graph, graph.node(id), operands);
  const std::vector<ValueId> results = graph.node(id).results;
  std::vector<ValueId> constants;
  for (std::size_t r = 0; r < results.size(); ++r) {
    constants.push_back(
        rewriter.add_constant(graph.value(results[r]).name + ".value", made[r].type, std::move(made[r].data)));
    rewriter.replace_uses(results[r], constants[r]);
  }
  rewriter.erase(id, constants);
}

}  // namespace

bool fold_constants(Rewriter& rewriter, const PassContext&) {
  const std::vector<NodeId> order = rewriter.graph().order();
  for (const NodeId id : order) {
    if (folds(rewriter.graph(), rewriter.graph().node(id))) fold(rewriter, id);
  }
  return rewriter.changed();
}

}  // namespace fcngraph
