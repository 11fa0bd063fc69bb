// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/interpret.h>

#include <cstring>

#include <fcngraph/engine/op.h>

namespace fcngraph {
namespace {

// Which of the two reference loops: that of the first floating operand or result.
bool is_double(const Graph& graph, const Node& node) {
  for (const auto* ids : {&node.operands, &node.results}) {
    for (const ValueId id : *ids) {
      if (!id.valid()) continue;
      const DType dtype = graph.value(id).type.dtype;
      if (is_floating(dtype)) return dtype == DType::f64;
    }
  }
  return false;
}

}  // namespace

HostTensor HostTensor::zeros(TensorType type) {
  type.layout = {};
  const auto bytes = static_cast<std::size_t>(bytes_of(type));
  return {std::move(type), std::vector<std::byte>(bytes)};
}

std::vector<HostTensor> interpret_node(const Graph& graph, const Node& node,
                                       std::span<const std::byte* const> operands) {
  std::vector<TensorView> in, out;
  std::vector<HostTensor> results;
  for (std::size_t i = 0; i < node.operands.size(); ++i) {
    // A loop only reads its operands; views are the same for both.
    in.push_back(node.operands[i].valid()
                     ? TensorView{&graph.value(node.operands[i]).type, const_cast<std::byte*>(operands[i])}
                     : TensorView{});
  }
  for (const ValueId result : node.results) results.push_back(HostTensor::zeros(graph.value(result).type));
  for (HostTensor& result : results) out.push_back({&result.type, result.data.data()});
  (is_double(graph, node) ? node.op->reference_f64 : node.op->reference_f32)({node.attrs, in, out, node.body.get()});
  return results;
}

std::map<std::string, HostTensor> interpret(const Graph& graph, const std::map<std::string, HostTensor>& bound) {
  std::vector<HostTensor> values(graph.value_count());
  for (const Role role : {Role::input, Role::parameter, Role::state}) {
    for (const ValueId id : graph.values_with(role)) {
      const Value& value = graph.value(id);
      const auto found = bound.find(value.name);
      if (found == bound.end()) {
        if (value.uses.empty()) continue;
        throw GraphError("'" + value.name + "' is not bound");
      }
      if (found->second.type.shape != value.type.shape || found->second.type.dtype != value.type.dtype) {
        throw GraphError("'" + value.name + "': expected " + to_string(value.type) + ", got " +
                         to_string(found->second.type));
      }
      values[id.index] = found->second;
    }
  }
  for (const ValueId id : graph.values_with(Role::constant))
    values[id.index] = {graph.value(id).type, graph.value(id).data};

  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    std::vector<const std::byte*> operands;
    for (const ValueId operand : node.operands)
      operands.push_back(operand.valid() ? values[operand.index].data.data() : nullptr);
    std::vector<HostTensor> results = interpret_node(graph, node, operands);
    for (std::size_t r = 0; r < results.size(); ++r) values[node.results[r].index] = std::move(results[r]);
    // An update changes its state for whoever reads it later.
    for (const StateUpdate& update : node.op->updates) {
      if (update.result < node.results.size() && node.operands[update.operand].valid()) {
        values[node.operands[update.operand].index].data = values[node.results[update.result].index].data;
      }
    }
  }

  std::map<std::string, HostTensor> out;
  for (const auto& name : graph.value_names()) {
    const ValueId id = graph.find_value(name);
    if (!values[id.index].data.empty()) out.emplace(name, values[id.index]);
  }
  for (const auto& [name, id] : graph.outputs()) out.insert_or_assign(name, values[id.index]);
  return out;
}

}  // namespace fcngraph
