// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/op.h>

#include <fcngraph/engine/rewriter.h>

namespace fcngraph {

void InferContext::error(const std::string& message) const {
  diagnostics.error("E0301", span, "node '" + node_name + "': " + message);
}

bool InferContext::expect_rank(std::size_t i, std::size_t rank) const {
  if (operand(i).shape.rank() == rank) return true;
  error("expected operand " + std::to_string(i) + " of rank " + std::to_string(rank) + ", got " +
        to_string(operand(i)));
  return false;
}

GradientContext::GradientContext(Rewriter& rewriter, NodeId node, std::span<const ValueId> result_gradients,
                                 std::vector<bool> needed)
    : rewriter_(rewriter),
      node_(node),
      node_name_(rewriter.graph().node(node).name),
      attrs_(rewriter.graph().node(node).attrs),
      result_gradients_(result_gradients.begin(), result_gradients.end()),
      needed_(std::move(needed)),
      operand_gradients_(needed_.size()) {}

ValueId GradientContext::operand(std::size_t i) const { return rewriter_.graph().node(node_).operands.at(i); }
ValueId GradientContext::result(std::size_t i) const { return rewriter_.graph().node(node_).results.at(i); }
bool GradientContext::has_operand(std::size_t i) const {
  const auto& operands = rewriter_.graph().node(node_).operands;
  return i < operands.size() && operands[i].valid();
}
TensorType GradientContext::operand_type(std::size_t i) const { return rewriter_.graph().value(operand(i)).type; }
TensorType GradientContext::result_type(std::size_t i) const { return rewriter_.graph().value(result(i)).type; }

std::vector<ValueId> GradientContext::emit_all(const OpDef& op, const std::string& suffix, Attrs attrs,
                                               std::vector<ValueId> operands) {
  const Node& node = rewriter_.graph().node(node_);
  NodeInit init{rewriter_.unique_name(node.name + "." + suffix),
                &op,
                std::move(attrs),
                std::move(operands),
                Phase::backward,
                node.span,
                nullptr};
  const NodeId id = rewriter_.add(std::move(init));
  FCNGRAPH_ASSERT(id.valid(), "gradient of node '" + node_name() +
                                  "' has shapes that do not fit: " + render(rewriter_.diagnostics().all()));
  return rewriter_.graph().node(id).results;
}

ValueId GradientContext::emit(const OpDef& op, const std::string& suffix, Attrs attrs, std::vector<ValueId> operands) {
  return emit_all(op, suffix, std::move(attrs), std::move(operands))[0];
}

void GradientContext::refuse(const std::string& why) {
  rewriter_.diagnostics().error("E0302", rewriter_.graph().node(node_).span,
                                "node '" + node_name() + "' has no gradient: " + why);
}

OpTable::OpTable() : ops_(builtin_ops().begin(), builtin_ops().end()) {}

OpTable OpTable::with(OpDef def) const {
  if (find(def.name) != nullptr) throw GraphError("op '" + def.name + "' is defined already");
  if (!def.infer) throw GraphError("op '" + def.name + "' has no shape rule");
  if (!def.reference_f32) throw GraphError("op '" + def.name + "' has no reference loop");
  if (def.results.empty()) throw GraphError("op '" + def.name + "' has no result");
  OpTable table = *this;
  table.owned_.push_back(std::make_shared<const OpDef>(std::move(def)));
  table.ops_.push_back(table.owned_.back().get());
  return table;
}

const OpDef* OpTable::find(std::string_view name) const {
  for (const OpDef* op : ops_) {
    if (op->name == name) return op;
  }
  return nullptr;
}

std::vector<std::string> OpTable::names() const {
  std::vector<std::string> out;
  for (const OpDef* op : ops_) out.push_back(op->name);
  return out;
}

}  // namespace fcngraph
