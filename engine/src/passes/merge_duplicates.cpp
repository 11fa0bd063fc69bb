// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

// Two nodes with the same signature compute the same values.
std::string signature(const Node& node) {
  std::string out = node.op->name;
  for (const auto& [key, value] : node.attrs.to_map()) out += ";" + key + "=" + to_string(value);
  for (const ValueId operand : node.operands) out += "," + std::to_string(operand.index);
  return out;
}

}  // namespace

bool merge_duplicates(Rewriter& rewriter, const PassContext&) {
  bool changed = false;
  std::map<std::string, NodeId> seen;
  const std::vector<NodeId> order = rewriter.graph().order();
  for (const NodeId id : order) {
    const Node& node = rewriter.graph().node(id);
    if (!node.op->updates.empty() || node.body) continue;
    const auto [first, fresh] = seen.emplace(signature(node), id);
    if (fresh) continue;
    const std::vector<ValueId> kept = rewriter.graph().node(first->second).results;
    const std::vector<ValueId> dropped = node.results;
    for (std::size_t r = 0; r < dropped.size(); ++r) rewriter.replace_uses(dropped[r], kept[r]);
    rewriter.erase(id, kept);
    changed = true;
  }
  return changed;
}

}  // namespace fcngraph
