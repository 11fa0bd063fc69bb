// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/optimizer.h>

namespace fcngraph {
namespace {

std::optional<std::size_t> find_operand(const OpDef& op, std::string_view name) {
  for (std::size_t i = 0; i < op.operands.size(); ++i) {
    if (op.operands[i].name == name) return i;
  }
  return std::nullopt;
}

}  // namespace

bool is_optimizer(const OpDef& op) {
  const auto param = find_operand(op, "param");
  if (!param || !find_operand(op, "grad")) return false;
  for (const StateUpdate& update : op.updates) {
    if (update.operand == *param) return true;
  }
  return false;
}

OptimizerOperands optimizer_operands(const OpDef& op) {
  if (!is_optimizer(op))
    throw GraphError("op '" + op.name +
                     "' is no optimizer: expected operands 'param' and 'grad', and an update of 'param'");
  return {*find_operand(op, "param"), *find_operand(op, "grad"), find_operand(op, "lr"),
          find_operand(op, "step"),   find_operand(op, "scale"), find_operand(op, "finite")};
}

std::vector<OptimizerState> optimizer_states(const OpDef& op, const Attrs& attrs) {
  std::vector<OptimizerState> states;
  for (std::size_t i = 0; i < op.operands.size(); ++i) {
    const OperandDef& operand = op.operands[i];
    if (operand.kind != OperandDef::Kind::state) continue;
    if (&op == &ops::sgd() && attrs.as<SgdAttrs>().momentum == 0) continue;
    states.push_back({operand.name, i});
  }
  return states;
}

}  // namespace fcngraph
