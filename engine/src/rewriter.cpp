// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/rewriter.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fcngraph/engine/explain_size.h>
#include <fcngraph/engine/op.h>

namespace fcngraph {

ValueId Rewriter::new_value(Value value) {
  const ValueId id{static_cast<std::int32_t>(graph_.values_.size())};
  graph_.value_by_name_.insert_or_assign(value.name, id);
  graph_.values_.push_back(std::move(value));
  changed_ = true;
  return id;
}

namespace {

std::string result_name(const Node& node, std::size_t r, const std::vector<std::string>& further = {}) {
  if (r == 0) return node.name;
  if (r <= further.size()) return further[r - 1];
  if (node.body) return node.name + "." + node.body->outputs()[r].first;
  return node.name + "." + (r < node.op->results.size() ? node.op->results[r] : std::to_string(r));
}

Value make_value(const std::string& name, TensorType type, Role role, SourceSpan span) {
  Value value;
  value.name = name;
  value.type = std::move(type);
  value.role = role;
  value.span = std::move(span);
  return value;
}

}  // namespace

ValueId Rewriter::add_input(const std::string& name, TensorType type, SourceSpan span) {
  FCNGRAPH_ASSERT(!graph_.find_value(name).valid(), "input '" + name + "' exists already");
  return new_value(make_value(name, std::move(type), Role::input, std::move(span)));
}

ValueId Rewriter::add_parameter(const std::string& name, TensorType type, Initializer init, bool trainable,
                                SourceSpan span) {
  FCNGRAPH_ASSERT(!graph_.find_value(name).valid(), "parameter '" + name + "' exists already");
  Value value = make_value(name, std::move(type), Role::parameter, std::move(span));
  value.init = init;
  value.trainable = trainable;
  return new_value(std::move(value));
}

ValueId Rewriter::add_state(const std::string& name, TensorType type, Initializer init, SourceSpan span) {
  FCNGRAPH_ASSERT(!graph_.find_value(name).valid(), "state '" + name + "' exists already");
  Value value = make_value(name, std::move(type), Role::state, std::move(span));
  value.init = init;
  return new_value(std::move(value));
}

ValueId Rewriter::add_constant(const std::string& name, TensorType type, std::vector<std::byte> data) {
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(data.size()) == bytes_of(type), "constant '" + name + "' has another size");
  Value value = make_value(unique_name(name), std::move(type), Role::constant, {});
  value.data = std::move(data);
  return new_value(std::move(value));
}

ValueId Rewriter::add_scalar(const std::string& name, double value, DType dtype) {
  FCNGRAPH_ASSERT(dtype == DType::f32 || dtype == DType::f64, "scalar constants are f32 or f64");
  std::vector<std::byte> data(size_of(dtype));
  const auto narrow = static_cast<float>(value);
  std::memcpy(data.data(), dtype == DType::f32 ? static_cast<const void*>(&narrow) : &value, data.size());
  return add_constant(name, {dtype, Shape{}, {}}, std::move(data));
}

bool Rewriter::infer(const Inferable& node, std::vector<TensorType>& results) {
  std::vector<const TensorType*> types;
  for (const ValueId id : node.operands) types.push_back(id.valid() ? &graph_.value(id).type : nullptr);
  Diagnostics found;
  results = node.op.infer({node.attrs, types, node.body, node.name, node.span, found});
  const bool good = !results.empty() && !found.has_errors();
  // A file with hundreds of mistakes gets explanations for the first: each may walk the whole graph.
  constexpr std::size_t kExplained = 200;
  const bool explains = !good && diagnostics_.error_count() < kExplained;
  const auto notes = explains ? explain_sizes(graph_, node.operands) : std::vector<std::string>{};
  for (Diagnostic finding : found.all()) {
    finding.notes.insert(finding.notes.end(), notes.begin(), notes.end());
    diagnostics_.add(std::move(finding));
  }
  if (!good) return false;
  for (const TensorType& type : results) (void)bytes_of(type);  // throws on overflow
  return true;
}

NodeId Rewriter::add(NodeInit init) {
  FCNGRAPH_ASSERT(init.op != nullptr, "node '" + init.name + "' has no op");
  if (graph_.find_value(init.name).valid() || graph_.find_node(init.name).valid()) {
    diagnostics_.error("E0201", init.span, "the name '" + init.name + "' is taken");
    return {};
  }
  std::size_t expected = init.op->operands.size();
  const bool variadic = !init.op->operands.empty() && init.op->operands.back().variadic;
  if (variadic) expected = std::max(expected, init.operands.size());
  while (init.operands.size() < expected) init.operands.push_back({});
  for (std::size_t i = 0; i < init.operands.size(); ++i) {
    const auto& operand = init.op->operands[std::min(i, init.op->operands.size() - 1)];
    if (!init.operands[i].valid() && !operand.optional) {
      diagnostics_.error(
          "E0301", init.span,
          "node '" + init.name + "': operand '" + operand.name + "' of '" + init.op->name + "' is missing");
      return {};
    }
  }
  std::vector<TensorType> types;
  if (!infer({*init.op, init.attrs, init.operands, init.body.get(), init.name, init.span}, types)) return {};
  FCNGRAPH_ASSERT(types.size() <= init.op->results.size() || init.body,
                  "shape rule of '" + init.op->name + "' is wrong");

  const NodeId id{static_cast<std::int32_t>(graph_.nodes_.size())};
  Node node{init.name,
            init.op,
            std::move(init.attrs),
            std::move(init.operands),
            {},
            init.phase,
            init.span,
            std::move(init.body),
            {},
            {},
            0,
            false};
  for (std::size_t r = 0; r < types.size(); ++r) {
    Value value = make_value(result_name(node, r, init.further_results), types[r], Role::result, node.span);
    value.producer = id;
    value.result_index = static_cast<std::int32_t>(r);
    node.results.push_back(new_value(std::move(value)));
  }
  for (std::size_t i = 0; i < node.operands.size(); ++i) {
    if (node.operands[i].valid())
      graph_.values_[node.operands[i].index].uses.push_back({id, static_cast<std::int32_t>(i)});
  }
  graph_.node_by_name_.emplace(node.name, id);
  graph_.nodes_.push_back(std::move(node));
  graph_.order_.insert(insertion_, id);
  changed_ = true;
  return id;
}

ValueId Rewriter::add_value(NodeInit init) {
  const NodeId id = add(std::move(init));
  return id.valid() ? graph_.node(id).results[0] : ValueId{};
}

void Rewriter::set_operand(NodeId node, std::size_t operand, ValueId value) {
  auto& slot = graph_.nodes_[node.index].operands.at(operand);
  if (slot == value) return;
  const Use use{node, static_cast<std::int32_t>(operand)};
  if (slot.valid()) std::erase(graph_.values_[slot.index].uses, use);
  slot = value;
  if (value.valid()) graph_.values_[value.index].uses.push_back(use);
  changed_ = true;
}

void Rewriter::append_operand(NodeId node, ValueId value) {
  graph_.nodes_[node.index].operands.push_back({});
  set_operand(node, graph_.nodes_[node.index].operands.size() - 1, value);
}

void Rewriter::replace_uses(ValueId from, ValueId to) {
  if (from == to) return;
  // Taken as a whole: one by one, a value of many users would cost the square of their number.
  const std::vector<Use> uses = std::exchange(graph_.values_[from.index].uses, {});
  for (const Use& use : uses) graph_.nodes_[use.node.index].operands[static_cast<std::size_t>(use.operand)] = to;
  auto& known = graph_.values_[to.index].uses;
  known.insert(known.end(), uses.begin(), uses.end());
  changed_ = changed_ || !uses.empty();
  if (!graph_.is_output(from)) return;
  for (auto& output : graph_.outputs_) {
    if (output.second == from) point_output(output.second, to);
  }
}

void Rewriter::point_output(ValueId& output, ValueId to) {
  if (output == to) return;
  if (output.valid()) --graph_.values_[output.index].outputs;
  if (to.valid()) ++graph_.values_[to.index].outputs;
  output = to;
  changed_ = true;
}

bool Rewriter::set_attrs(NodeId id, Attrs attrs) {
  std::swap(graph_.nodes_[id.index].attrs, attrs);
  if (!infer_again(id)) {
    graph_.nodes_[id.index].attrs = std::move(attrs);
    return false;
  }
  changed_ = true;
  return true;
}

bool Rewriter::infer_again(NodeId id) {
  const Node& node = graph_.nodes_[id.index];
  std::vector<TensorType> types;
  if (!infer({*node.op, node.attrs, node.operands, node.body.get(), node.name, node.span}, types)) return false;
  FCNGRAPH_ASSERT(types.size() == node.results.size(), "node '" + node.name + "' has lost or won a result");
  for (std::size_t r = 0; r < types.size(); ++r) {
    TensorType& known = graph_.values_[node.results[r].index].type;
    if (known.dtype == types[r].dtype && known.shape == types[r].shape) continue;
    known = types[r];
    changed_ = true;
  }
  return true;
}

void Rewriter::set_phase(NodeId id, Phase phase) {
  if (graph_.nodes_[id.index].phase == phase) return;
  graph_.nodes_[id.index].phase = phase;
  changed_ = true;
}

void Rewriter::set_layout(ValueId id, Layout layout) {
  auto& current = graph_.values_[id.index].type.layout;
  if (current == layout) return;
  current = std::move(layout);
  changed_ = true;
}

void Rewriter::set_kernel(NodeId id, std::string kernel, std::string reason, std::int64_t workspace) {
  Node& node = graph_.nodes_[id.index];
  if (node.kernel == kernel && node.reason == reason && node.workspace == workspace) return;
  node.kernel = std::move(kernel);
  node.reason = std::move(reason);
  node.workspace = workspace;
  changed_ = true;
}

void Rewriter::set_trainable(ValueId id, bool trainable) {
  if (graph_.values_[id.index].trainable == trainable) return;
  graph_.values_[id.index].trainable = trainable;
  changed_ = true;
}

void Rewriter::set_output(const std::string& name, ValueId value) {
  FCNGRAPH_ASSERT(value.valid(), "output '" + name + "' is not a value");
  const auto [known, fresh] = graph_.output_by_name_.emplace(name, graph_.outputs_.size());
  if (fresh) graph_.outputs_.emplace_back(name, ValueId{});
  point_output(graph_.outputs_[known->second].second, value);
}

void Rewriter::clear_outputs() {
  for (auto& output : graph_.outputs_) point_output(output.second, {});
  graph_.outputs_.clear();
  graph_.output_by_name_.clear();
}

void Rewriter::erase(NodeId id, ValueId successor) {
  erase(id, std::vector<ValueId>(graph_.node(id).results.size(), successor));
}

void Rewriter::erase(NodeId id, std::span<const ValueId> successors) {
  Node& node = graph_.nodes_[id.index];
  for (const ValueId result : node.results) {
    FCNGRAPH_ASSERT(graph_.value(result).uses.empty() && !graph_.is_output(result),
                    "node '" + node.name + "' is erased while in use");
  }
  for (std::size_t i = 0; i < node.operands.size(); ++i) set_operand(id, i, {});
  for (std::size_t r = 0; r < node.results.size(); ++r) {
    Value& value = graph_.values_[node.results[r].index];
    value.producer = {};
    value.data.clear();
    value.successor = r < successors.size() ? successors[r] : ValueId{};
    if (!value.successor.valid()) graph_.value_by_name_.erase(value.name);
  }
  graph_.node_by_name_.erase(node.name);
  node.erased = true;
  node.body.reset();
  graph_.order_.erase(id);
  changed_ = true;
}

void Rewriter::add_alias(const std::string& name, ValueId value) {
  FCNGRAPH_ASSERT(value.valid() && !graph_.find_value(name).valid(), "the name '" + name + "' is taken");
  graph_.value_by_name_.insert_or_assign(name, value);
  changed_ = true;
}

void Rewriter::rename(NodeId id, const std::string& name) {
  Node& node = graph_.nodes_[id.index];
  const ValueId result = node.results[0];
  const ValueId holder = graph_.find_value(name);
  FCNGRAPH_ASSERT((!holder.valid() || holder == result) && !graph_.find_node(name).valid(),
                  "the name '" + name + "' is taken");
  graph_.node_by_name_.erase(node.name);
  for (const ValueId each : node.results) graph_.value_by_name_.erase(graph_.value(each).name);
  node.name = name;
  graph_.node_by_name_.insert_or_assign(name, id);
  for (std::size_t r = 0; r < node.results.size(); ++r) {
    Value& value = graph_.values_[node.results[r].index];
    value.name = r == 0 ? name : unique_name(result_name(node, r));
    graph_.value_by_name_.insert_or_assign(value.name, node.results[r]);
  }
  changed_ = true;
}

ValueId Rewriter::replace_by_input(ValueId result) {
  Value& made = graph_.values_[result.index];
  FCNGRAPH_ASSERT(made.role == Role::result, "'" + made.name + "' is no result");
  const std::string name = made.name;
  // Not looked up by this name: whoever erases the node finds nothing to take away.
  made.name = unique_name(name + ".computed");
  const ValueId input = new_value(make_value(name, made.type, Role::input, made.span));
  // Names that led to the result, of nodes that were fused into it, lead to the input.
  for (auto& [known, id] : graph_.value_by_name_) {
    if (graph_.find_value(known) == result) id = input;
  }
  replace_uses(result, input);
  return input;
}

void Rewriter::set_order(const std::vector<NodeId>& order) {
  FCNGRAPH_ASSERT(order.size() == graph_.order_.size(), "an order must name every live node once");
  if (std::equal(order.begin(), order.end(), graph_.order_.begin())) return;
  graph_.order_.assign(order);
  changed_ = true;
}

std::string Rewriter::unique_name(const std::string& base) const {
  std::string name = base;
  for (int i = 2; graph_.find_value(name).valid() || graph_.find_node(name).valid(); ++i)
    name = base + "." + std::to_string(i);
  return name;
}

}  // namespace fcngraph
