// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include <fcngraph/dsl/build.h>
#include <fcngraph/engine/rewriter.h>

namespace fcngraph::dsl {

/// Which part of the model a layer belongs to; decides what `[model] trainable` means for it.
enum class Part { backbone, dense_conv, node, head };

/// A layer as the builder sees it, whatever table it was written in.
struct Layer {
  std::string name;    ///< of the result; parameters are `<params>.<operand>`
  std::string params;  ///< prefix of its parameters; empty: the name
  std::string op;
  std::vector<ValueId> inputs;
  AttrMap attrs;
  AttrSpans attr_spans, key_spans;
  std::string activation = "linear";
  double dropout = 0;
  std::string init;  ///< of the weight; empty: the op's own
  bool bias = true;
  Part part = Part::node;
  bool trainable = false;
  SourceSpan span, op_span;
};

/// Shared by the files that write one part of the model each: appends layers to a graph and knows every value by the user's name.
class GraphBuilder {
 public:
  GraphBuilder(Graph& graph, const ModelSpec& spec, const BuildOptions& options, const OpTable& ops,
               Diagnostics& diagnostics);

  const ModelSpec& spec() const { return spec_; }
  const BuildOptions& options() const { return options_; }
  const OpTable& ops() const { return ops_; }
  Diagnostics& diagnostics() { return diagnostics_; }
  Rewriter& rewriter() { return rewriter_; }
  const TensorType& type(ValueId id) const { return graph_.value(id).type; }

  /// The value that the user calls so; invalid when it could not be built (which was reported).
  ValueId find(const std::string& name) const;
  void define(const std::string& name, ValueId value);
  std::vector<std::string> names() const;

  /// Appends op, activation and dropout with its parameters; defines and returns the result, invalid when there was a mistake.
  ValueId add_layer(const Layer& layer);
  /// Appends one node of an op that has no parameters.
  ValueId add_node(const std::string& name, const std::string& op, AttrMap attrs, std::vector<ValueId> operands,
                   const SourceSpan& span);

  bool is_trainable(Part part, const std::string& layer, const std::optional<Spanned<bool>>& own);
  /// Names that globs of `[model] trainable` can match: layers, and "head:NAME", "backbone:NAME", "node:NAME".
  const std::vector<std::string>& glob_targets() const { return glob_targets_; }

 private:
  const OpDef* find_op(const std::string& name, const SourceSpan& span);
  bool has_known_keys(const Layer& layer, const OpDef& op);
  ValueId add_op(const Layer& layer, const OpDef& op, const std::string& name);
  bool add_parameters(const Layer& layer, const OpDef& op, const Attrs& attrs, std::vector<ValueId>& operands);
  ValueId add_dropout(const Layer& layer, ValueId input);
  ValueId sample_keys();
  const OpDef* form_of(const Layer& layer, const OpDef* op) const;

  Graph& graph_;
  const ModelSpec& spec_;
  const BuildOptions& options_;
  const OpTable& ops_;
  Diagnostics& diagnostics_;
  Rewriter rewriter_;
  std::map<std::string, ValueId> values_;
  std::vector<std::string> glob_targets_;
};

/// Input, padding, backbone, dense_convs and nodes.
void build_layers(GraphBuilder& builder);
/// Score convolutions, fusion and upsampling of the heads asked for.
void build_heads(GraphBuilder& builder);
/// Losses and label maps, in eval and train.
void build_losses(GraphBuilder& builder);

/// The heads asked for and those that they fuse, in order of declaration.
std::vector<const HeadSpec*> needed_heads(const ModelSpec& spec, const BuildOptions& options);
/// The heads asked for.
std::vector<const HeadSpec*> asked_heads(const ModelSpec& spec, const BuildOptions& options);

/// Pixels that the input must be a multiple of, for every layer that a head needs to halve evenly.
Extent2 deepest_stride(const ModelSpec& spec, const OpTable& ops);

}  // namespace fcngraph::dsl
