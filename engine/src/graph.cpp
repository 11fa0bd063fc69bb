// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/graph.h>

namespace fcngraph {

Graph::Graph(const Graph& other)
    : name_(other.name_),
      values_(other.values_),
      order_(other.order_),
      outputs_(other.outputs_),
      output_by_name_(other.output_by_name_),
      value_by_name_(other.value_by_name_),
      node_by_name_(other.node_by_name_) {
  nodes_.reserve(other.nodes_.size());
  for (const Node& n : other.nodes_) {
    nodes_.push_back({n.name, n.op, n.attrs, n.operands, n.results, n.phase, n.span,
                      n.body ? std::make_unique<Graph>(*n.body) : nullptr, n.kernel, n.reason, n.workspace, n.erased});
  }
}

Graph& Graph::operator=(Graph other) noexcept {
  std::swap(name_, other.name_);
  std::swap(nodes_, other.nodes_);
  std::swap(values_, other.values_);
  std::swap(order_, other.order_);
  std::swap(outputs_, other.outputs_);
  std::swap(output_by_name_, other.output_by_name_);
  std::swap(value_by_name_, other.value_by_name_);
  std::swap(node_by_name_, other.node_by_name_);
  return *this;
}

std::vector<ValueId> Graph::values_with(Role role) const {
  std::vector<ValueId> out;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (values_[i].role == role) out.push_back({static_cast<std::int32_t>(i)});
  }
  return out;
}

ValueId Graph::find_value(std::string_view name) const {
  const auto found = value_by_name_.find(name);
  ValueId id = found == value_by_name_.end() ? ValueId{} : found->second;
  while (id.valid() && value(id).role == Role::result && !value(id).producer.valid()) id = value(id).successor;
  return id;
}

NodeId Graph::find_node(std::string_view name) const {
  const auto found = node_by_name_.find(name);
  return found == node_by_name_.end() ? NodeId{} : found->second;
}

std::vector<std::string> Graph::value_names() const {
  std::vector<std::string> out;
  for (const auto& [name, id] : value_by_name_) {
    if (find_value(name).valid()) out.push_back(name);
  }
  return out;
}

std::vector<std::pair<std::string, ValueId>> Graph::aliases() const {
  std::vector<std::pair<std::string, ValueId>> out;
  for (const auto& [name, id] : value_by_name_) {
    const ValueId now = find_value(name);
    if (now.valid() && value(now).name != name) out.emplace_back(name, now);
  }
  return out;
}

}  // namespace fcngraph
