// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcngraph/engine/attrs.h>
#include <fcngraph/engine/node_order.h>
#include <fcngraph/engine/types.h>

namespace fcngraph {

struct OpDef;
class Graph;

/// Index of a value in its graph. An invalid id stands for an optional operand that is absent.
struct ValueId {
  std::int32_t index = -1;
  bool valid() const noexcept { return index >= 0; }
  auto operator<=>(const ValueId&) const = default;
};

/// What a tensor is to the one who runs the graph.
enum class Role : std::uint8_t {
  input,      ///< bound at each run
  parameter,  ///< saved; trained when `trainable`
  state,      ///< saved, not trained, updated by named nodes: batch-norm statistics, moments, skip scales
  constant,   ///< part of the graph
  result      ///< made by a node
};

/// How a parameter or state starts. Fans are read off the OIHW shape; numbers are keyed by (seed, parameter name).
struct Initializer {
  enum class Kind : std::uint8_t { zeros, ones, constant, he_normal, glorot_uniform, bilinear };
  Kind kind = Kind::zeros;
  double value = 0.0;  ///< of `constant`
  bool operator==(const Initializer&) const = default;
};

/// Which part of the schedule a node belongs to.
enum class Phase : std::uint8_t {
  feature,  ///< the same whenever a sample is seen: its results may be kept from one epoch to the next
  forward,
  backward,
  update,
  setup,     ///< depends on nothing that changes between runs: executed once, when the weights are set
  recompute  ///< a forward node once more, for backward nodes that read what was not kept
};

struct Use {
  NodeId node;
  std::int32_t operand = 0;
  auto operator<=>(const Use&) const = default;
};

struct Value {
  std::string name;
  TensorType type;
  Role role = Role::result;
  bool trainable = false;         ///< parameters only
  Initializer init;               ///< parameters and states
  std::vector<std::byte> data;    ///< constants
  NodeId producer;                ///< results
  std::int32_t result_index = 0;  ///< which of the producer's results
  ValueId successor;              ///< of a result whose node was erased: what took its place
  std::vector<Use> uses;
  std::int32_t outputs = 0;  ///< how many of the graph's outputs it is
  SourceSpan span;
};

struct Node {
  std::string name;
  const OpDef* op = nullptr;
  Attrs attrs;
  std::vector<ValueId> operands;
  std::vector<ValueId> results;
  Phase phase = Phase::forward;
  SourceSpan span;
  std::unique_ptr<Graph> body;  ///< regions only: operands are its inputs in order, results its outputs in order
  // Written by choose_kernels.
  std::string kernel;
  std::string reason;
  std::int64_t workspace = 0;
  bool erased = false;
};

/// A dataflow graph in single-assignment form. Nodes are executed in `order()`, which is always a valid order.
/// Read freely; change through a Rewriter only. Copyable.
class FCNGRAPH_API Graph {
 public:
  explicit Graph(std::string name = {}) : name_(std::move(name)) {}
  Graph(const Graph& other);
  Graph(Graph&&) noexcept = default;
  Graph& operator=(Graph other) noexcept;
  ~Graph() = default;

  const std::string& name() const noexcept { return name_; }
  const Node& node(NodeId id) const { return nodes_.at(static_cast<std::size_t>(id.index)); }
  const Value& value(ValueId id) const { return values_.at(static_cast<std::size_t>(id.index)); }

  /// Live nodes in execution order.
  const NodeOrder& order() const noexcept { return order_; }
  /// Every value that was ever made; those of erased nodes have no producer and no uses.
  std::size_t value_count() const noexcept { return values_.size(); }
  std::size_t node_count() const noexcept { return nodes_.size(); }

  /// Values bound by the caller, in order of declaration.
  std::vector<ValueId> values_with(Role role) const;
  /// What the caller asked for, by the name asked for.
  const std::vector<std::pair<std::string, ValueId>>& outputs() const noexcept { return outputs_; }

  /// The value of that name, or an invalid id. Names of nodes that were dropped keep pointing at what took their place.
  ValueId find_value(std::string_view name) const;
  NodeId find_node(std::string_view name) const;
  std::vector<std::string> value_names() const;
  /// Names of values that are gone, and what took their place, in alphabetical order.
  std::vector<std::pair<std::string, ValueId>> aliases() const;
  bool is_output(ValueId id) const { return value(id).outputs > 0; }

 private:
  friend class Rewriter;
  std::string name_;
  std::vector<Node> nodes_;
  std::vector<Value> values_;
  NodeOrder order_;
  std::vector<std::pair<std::string, ValueId>> outputs_;
  std::map<std::string, std::size_t, std::less<>> output_by_name_;  ///< index into outputs_
  std::map<std::string, ValueId, std::less<>> value_by_name_;
  std::map<std::string, NodeId, std::less<>> node_by_name_;
};

}  // namespace fcngraph
