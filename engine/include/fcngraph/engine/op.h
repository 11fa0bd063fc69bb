// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/engine/attrs.h>
#include <fcngraph/engine/graph.h>
#include <fcngraph/engine/types.h>

namespace fcngraph {

class Rewriter;

/// One operand of an op. `parameter` operands are made by the model's reader when the user does not name them.
struct OperandDef {
  enum class Kind : std::uint8_t { tensor, parameter, state };
  std::string name;
  Kind kind = Kind::tensor;
  bool optional = false;
  bool variadic = false;  ///< the last operand only: one or more of them
};

/// What a shape rule sees. Reports through `error` and returns an empty list when the types do not fit. It may return fewer types
/// than the op has results when the last ones go with an absent optional operand (the velocity of `sgd`).
struct FCNGRAPH_API InferContext {
  const Attrs& attrs;
  std::span<const TensorType* const> operands;  ///< null where an optional operand is absent
  const Graph* body;
  const std::string& node_name;
  const SourceSpan& span;
  Diagnostics& diagnostics;

  const TensorType& operand(std::size_t i) const { return *operands[i]; }
  bool has(std::size_t i) const { return i < operands.size() && operands[i] != nullptr; }
  /// Reports E0301 "node 'x': message".
  void error(const std::string& message) const;
  /// Reports when operand i is not of that rank; true when it is.
  bool expect_rank(std::size_t i, std::size_t rank) const;
};
using InferRule = std::function<std::vector<TensorType>(const InferContext&)>;

/// A parameter that a layer of this op has: which operand, its shape, how it starts.
struct ParameterDef {
  std::string operand;
  Shape shape;
  Initializer init;
};
/// The parameters of a layer with these attributes on inputs of these types, in operand order.
using ParameterRule = std::function<std::vector<ParameterDef>(const Attrs&, std::span<const TensorType> inputs)>;

/// What a gradient rule sees and does. It appends nodes and says which value is the gradient of which operand.
class FCNGRAPH_API GradientContext {
 public:
  GradientContext(Rewriter& rewriter, NodeId node, std::span<const ValueId> result_gradients, std::vector<bool> needed);

  const Attrs& attrs() const { return attrs_; }
  const std::string& node_name() const { return node_name_; }
  ValueId operand(std::size_t i) const;
  ValueId result(std::size_t i) const;
  bool has_operand(std::size_t i) const;
  TensorType operand_type(std::size_t i) const;
  TensorType result_type(std::size_t i) const;
  /// Gradient of the loss with respect to result i; invalid when the loss does not depend on it.
  ValueId grad(std::size_t i) const { return result_gradients_[i]; }
  /// Whether anything trainable depends on operand i; a rule computes only what is needed.
  bool needs(std::size_t i) const { return needed_[i]; }
  std::size_t operand_count() const { return needed_.size(); }

  /// Appends a node called `<node>.<suffix>` in the backward phase and returns its first result.
  ValueId emit(const OpDef& op, const std::string& suffix, Attrs attrs, std::vector<ValueId> operands);
  /// The same, returning all results.
  std::vector<ValueId> emit_all(const OpDef& op, const std::string& suffix, Attrs attrs, std::vector<ValueId> operands);
  /// Says that `value` is the gradient of operand i.
  void set(std::size_t i, ValueId value) { operand_gradients_[i] = value; }
  /// The rule cannot be applied: reports E0302 at the node.
  void refuse(const std::string& why);

  std::span<const ValueId> operand_gradients() const { return operand_gradients_; }

 private:
  Rewriter& rewriter_;
  NodeId node_;
  // Copies: appending nodes moves the graph's storage.
  std::string node_name_;
  Attrs attrs_;
  std::vector<ValueId> result_gradients_;
  std::vector<bool> needed_;
  std::vector<ValueId> operand_gradients_;
};
using GradientRule = std::function<void(GradientContext&)>;

/// Bytes of a tensor in plain layout, seen by a reference loop. `data` is null where an optional operand is absent.
struct TensorView {
  const TensorType* type = nullptr;
  std::byte* data = nullptr;
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(data);
  }
  bool present() const noexcept { return data != nullptr; }
  std::int64_t dim(std::size_t i) const { return type->shape[i]; }
  std::int64_t elements() const { return type->shape.elements(); }
};

struct ReferenceArgs {
  const Attrs& attrs;
  std::span<const TensorView> operands;
  std::span<const TensorView> results;  ///< `data` is null for a result that nobody uses
  const Graph* body = nullptr;
};
using ReferenceRule = std::function<void(const ReferenceArgs&)>;

/// What an op costs. A multiply-add counts as two operations.
struct Cost {
  double flops = 0;
  double bytes = 0;  ///< read and written once, without caches
};
using CostRule = std::function<double(const Attrs&, std::span<const TensorType* const> operands,
                                      std::span<const TensorType* const> results)>;

/// Where output pixel (y, x) reads from: input = scale * output + offset, at the centre of the window, per axis.
struct CoordMap {
  double scale_h = 1, scale_w = 1;
  double offset_h = 0, offset_w = 0;
};
/// The map of an op on its first operand.
using CoordRule = std::function<CoordMap(const Attrs&, std::span<const TensorType* const> operands)>;

/// A shape on which conformance and gradient tests run an op.
struct OpCase {
  std::string name;
  Attrs attrs;
  std::vector<TensorType> operands;  ///< f32; an empty shape with `absent` set stands for an absent operand
  std::vector<bool> absent;          ///< empty: all are present
  /// Values are drawn uniformly from [low, high); integer operands from [0, classes).
  double low = -1.0, high = 1.0;
  std::int64_t classes = 4;
  bool gradient = true;  ///< whether finite differences apply
};

/// Result r is operand o changed in place: the optimiser's parameters and moments, batch norm's statistics.
struct StateUpdate {
  std::size_t result = 0;
  std::size_t operand = 0;
};

/// Everything about an op that no target changes. One op, one file.
struct OpDef {
  std::string name;
  std::string doc;
  AttrSchema schema;
  std::vector<OperandDef> operands;
  std::vector<std::string> results;
  InferRule infer;
  ParameterRule parameters;  ///< empty: a layer of this op has none
  GradientRule gradient;     ///< empty: not differentiable
  CostRule flops;
  CoordRule coord_map;  ///< empty: no spatial meaning
  ReferenceRule reference_f32, reference_f64;
  std::function<std::vector<OpCase>()> cases;
  std::vector<StateUpdate> updates;    ///< a node with updates is never dead and never merged
  bool in_place = false;               ///< result 0 may take the place of operand 0 when nobody else needs it
  bool identity_at_inference = false;  ///< dropout
  bool builtin_public = true;          ///< may be written in a [[node]]; gradients and updates may not
};

/// Builds an OpDef in the order in which one explains an op.
template <class A>
class OpBuilder {
 public:
  OpBuilder(std::string name, std::string doc) {
    def_.name = std::move(name);
    def_.doc = std::move(doc);
    def_.schema = schema_of<A>();
  }
  OpBuilder& input(std::string name) { return operand({std::move(name)}); }
  OpBuilder& optional_input(std::string name) { return operand({std::move(name), OperandDef::Kind::tensor, true}); }
  OpBuilder& inputs(std::string name) { return operand({std::move(name), OperandDef::Kind::tensor, false, true}); }
  OpBuilder& parameter(std::string name) { return operand({std::move(name), OperandDef::Kind::parameter}); }
  OpBuilder& optional_parameter(std::string name) {
    return operand({std::move(name), OperandDef::Kind::parameter, true});
  }
  OpBuilder& state(std::string name) { return operand({std::move(name), OperandDef::Kind::state}); }
  OpBuilder& optional_state(std::string name) { return operand({std::move(name), OperandDef::Kind::state, true}); }
  OpBuilder& output(std::string name) {
    def_.results.push_back(std::move(name));
    return *this;
  }
  OpBuilder& infer(InferRule rule) { return set(def_.infer, std::move(rule)); }
  OpBuilder& parameters(ParameterRule rule) { return set(def_.parameters, std::move(rule)); }
  OpBuilder& gradient(GradientRule rule) { return set(def_.gradient, std::move(rule)); }
  OpBuilder& flops(CostRule rule) { return set(def_.flops, std::move(rule)); }
  OpBuilder& coord_map(CoordRule rule) { return set(def_.coord_map, std::move(rule)); }
  /// The op's loops in f32 and f64; the same template twice: `.reference(run<float>, run<double>)`.
  OpBuilder& reference(ReferenceRule f32, ReferenceRule f64) {
    def_.reference_f32 = std::move(f32);
    def_.reference_f64 = std::move(f64);
    return *this;
  }
  OpBuilder& cases(std::function<std::vector<OpCase>()> make) { return set(def_.cases, std::move(make)); }
  OpBuilder& updates(std::size_t result, std::size_t operand) {
    def_.updates.push_back({result, operand});
    return *this;
  }
  OpBuilder& in_place() { return set(def_.in_place, true); }
  OpBuilder& identity_at_inference() { return set(def_.identity_at_inference, true); }
  /// Not to be written by users: made by passes.
  OpBuilder& internal() { return set(def_.builtin_public, false); }
  OpDef build() { return std::move(def_); }

 private:
  OpBuilder& operand(OperandDef operand) {
    def_.operands.push_back(std::move(operand));
    return *this;
  }
  template <class Member, class T>
  OpBuilder& set(Member& member, T value) {
    member = std::move(value);
    return *this;
  }
  OpDef def_;
};

/// The ops of the library, in the order of the build's list.
FCNGRAPH_API std::span<const OpDef* const> builtin_ops();

/// Ops by name: the library's and the embedder's. Immutable; `with` makes a larger table.
class FCNGRAPH_API OpTable {
 public:
  /// The library's ops.
  OpTable();
  /// This table and one more op. Throws GraphError when the name is taken or the definition lacks a shape rule or a reference.
  OpTable with(OpDef def) const;
  /// Null when there is no such op.
  const OpDef* find(std::string_view name) const;
  std::vector<const OpDef*> all() const { return ops_; }
  std::vector<std::string> names() const;

 private:
  std::vector<const OpDef*> ops_;
  std::vector<std::shared_ptr<const OpDef>> owned_;
};

}  // namespace fcngraph
