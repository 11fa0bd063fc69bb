// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <fcngraph/engine/graph.h>

namespace fcngraph {

/// What a new node is made of. `op` must outlive the graph (ops of a table do).
struct NodeInit {
  std::string name;
  const OpDef* op = nullptr;
  Attrs attrs;
  std::vector<ValueId> operands;
  Phase phase = Phase::forward;
  SourceSpan span;
  std::unique_ptr<Graph> body;
  /// Names of the results after the first, which is called like the node; empty: `<node>.<result>`.
  std::vector<std::string> further_results = {};
};

/// The only way to change a graph. Keeps use lists, names and the order right, and infers the types of new results.
/// Mistakes (a duplicate name, shapes that do not fit) go to the diagnostics; `add` then returns an invalid id.
class FCNGRAPH_API Rewriter {
 public:
  Rewriter(Graph& graph, Diagnostics& diagnostics) : graph_(graph), diagnostics_(diagnostics) {}

  const Graph& graph() const noexcept { return graph_; }
  Diagnostics& diagnostics() noexcept { return diagnostics_; }
  /// Whether anything was changed through this rewriter.
  bool changed() const noexcept { return changed_; }

  ValueId add_input(const std::string& name, TensorType type, SourceSpan span = {});
  ValueId add_parameter(const std::string& name, TensorType type, Initializer init, bool trainable,
                        SourceSpan span = {});
  ValueId add_state(const std::string& name, TensorType type, Initializer init, SourceSpan span = {});
  ValueId add_constant(const std::string& name, TensorType type, std::vector<std::byte> data);
  /// A rank-0 f32 or f64 constant.
  ValueId add_scalar(const std::string& name, double value, DType dtype = DType::f32);

  /// Inserts a node before the insertion point. The first result has the node's name; further results are called
  /// `<node>.<result>`, those of a node with a body by the names of the body's outputs.
  NodeId add(NodeInit init);
  /// `add` for nodes whose first result is what matters; invalid when the node could not be added.
  ValueId add_value(NodeInit init);

  /// New nodes go before `node`; an invalid id means the end (the default).
  void insert_before(NodeId node) noexcept { insertion_ = node; }

  void replace_uses(ValueId from, ValueId to);
  void set_operand(NodeId node, std::size_t operand, ValueId value);
  void append_operand(NodeId node, ValueId value);
  /// Replaces attributes and infers the results again; false (and a diagnostic) when they do not fit.
  bool set_attrs(NodeId node, Attrs attrs);
  /// Infers the results of a node whose operands have changed; false (and a diagnostic) when they do not fit.
  bool infer_again(NodeId node);
  void set_phase(NodeId node, Phase phase);
  void set_layout(ValueId value, Layout layout);
  void set_kernel(NodeId node, std::string kernel, std::string reason, std::int64_t workspace);
  void set_trainable(ValueId parameter, bool trainable);
  /// Makes `value` an output called `name`; a second output of the same name replaces the first.
  void set_output(const std::string& name, ValueId value);
  void clear_outputs();
  /// Removes a node that nothing uses. Its names go to `successor` where one is given.
  void erase(NodeId node, ValueId successor = {});
  /// The same with a successor for each result; the name of a result that has none, or an invalid one, is forgotten.
  void erase(NodeId node, std::span<const ValueId> successors);
  /// Lets a free name stand for a value, as the names of erased nodes do.
  void add_alias(const std::string& name, ValueId value);
  /// Gives a node, and its results after it, a name that is free or was left to the first result by `erase`.
  void rename(NodeId node, const std::string& name);
  /// Lets an input of the same type stand in for a result, which loses its name to it.
  ValueId replace_by_input(ValueId result);
  /// Sets the execution order; must be a valid order of exactly the live nodes.
  void set_order(const std::vector<NodeId>& order);

  /// `base`, or `base.2`, `base.3`, ... when the name is taken.
  std::string unique_name(const std::string& base) const;

 private:
  ValueId new_value(Value value);
  /// What the types of a node's results follow from.
  struct Inferable {
    const OpDef& op;
    const Attrs& attrs;
    std::span<const ValueId> operands;
    const Graph* body;
    const std::string& name;
    const SourceSpan& span;
  };
  bool infer(const Inferable& node, std::vector<TensorType>& results);
  void point_output(ValueId& output, ValueId to);

  Graph& graph_;
  Diagnostics& diagnostics_;
  NodeId insertion_;
  bool changed_ = false;
};

}  // namespace fcngraph
