// SPDX-License-Identifier: Apache-2.0
#include "graph_builder.h"

#include <algorithm>

namespace fcngraph::dsl {
namespace {

std::optional<Initializer> initializer(const std::string& name) {
  using Kind = Initializer::Kind;
  const std::map<std::string, Kind> kinds{{"he", Kind::he_normal},
                                          {"glorot", Kind::glorot_uniform},
                                          {"zeros", Kind::zeros},
                                          {"ones", Kind::ones},
                                          {"bilinear", Kind::bilinear}};
  const auto found = kinds.find(name);
  if (found == kinds.end()) return std::nullopt;
  return Initializer{found->second, 0};
}

}  // namespace

GraphBuilder::GraphBuilder(Graph& graph, const ModelSpec& spec, const BuildOptions& options, const OpTable& ops,
                           Diagnostics& diagnostics)
    : graph_(graph),
      spec_(spec),
      options_(options),
      ops_(ops),
      diagnostics_(diagnostics),
      rewriter_(graph, diagnostics) {}

ValueId GraphBuilder::find(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? ValueId{} : found->second;
}

void GraphBuilder::define(const std::string& name, ValueId value) { values_.insert_or_assign(name, value); }

std::vector<std::string> GraphBuilder::names() const {
  std::vector<std::string> out;
  for (const auto& [name, value] : values_) out.push_back(name);
  return out;
}

bool GraphBuilder::is_trainable(Part part, const std::string& layer, const std::optional<Spanned<bool>>& own) {
  const std::string prefixed = (part == Part::head ? "head:" : part == Part::backbone ? "backbone:" : "node:") + layer;
  glob_targets_.insert(glob_targets_.end(), {layer, prefixed});
  switch (spec_.trainable.kind) {
    case TrainableSpec::Kind::all:
      return true;
    case TrainableSpec::Kind::globs:
      return std::any_of(spec_.trainable.globs.begin(), spec_.trainable.globs.end(),
                         [&](const auto& glob) { return glob_match(*glob, layer) || glob_match(*glob, prefixed); });
    case TrainableSpec::Kind::heads:
      break;
  }
  if (own) return **own;
  return part == Part::head || part == Part::node;
}

const OpDef* GraphBuilder::find_op(const std::string& name, const SourceSpan& span) {
  const OpDef* op = ops_.find(name);
  if (op != nullptr && op->builtin_public) return op;
  std::vector<std::string> known;
  for (const OpDef* candidate : ops_.all()) {
    if (candidate->builtin_public) known.push_back(candidate->name);
  }
  diagnostics_.error("E0202", span, "there is no op '" + name + "'", did_you_mean(name, known),
                     {"ops known: " + join(known)});
  return nullptr;
}

bool GraphBuilder::has_known_keys(const Layer& layer, const OpDef& op) {
  std::vector<std::string> known;
  for (const AttrDoc& doc : op.schema.fields) known.push_back(doc.name);
  bool all_known = true;
  for (const auto& [key, value] : layer.attrs) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto span = layer.key_spans.find(key);
    std::vector<std::string> suggestions = known;
    suggestions.insert(suggestions.end(),
                       {"name", "op", "inputs", "activation", "dropout", "init", "bias", "trainable", "repeat"});
    diagnostics_.error("E0105", span == layer.key_spans.end() ? layer.span : span->second,
                       "op '" + op.name + "' has no key '" + key + "'", did_you_mean(key, suggestions),
                       {"keys of '" + op.name + "': " + (known.empty() ? "none" : join(known))});
    all_known = false;
  }
  return all_known;
}

// Frozen or not training, batch norm uses its moving statistics.
const OpDef* GraphBuilder::form_of(const Layer& layer, const OpDef* op) const {
  if (op->name != "batch_norm") return op;
  return options_.mode == Mode::train && layer.trainable ? op : ops_.find("batch_norm_inference");
}

bool GraphBuilder::add_parameters(const Layer& layer, const OpDef& op, const Attrs& attrs,
                                  std::vector<ValueId>& operands) {
  if (!op.parameters) return true;
  std::vector<TensorType> inputs;
  for (const ValueId input : layer.inputs) inputs.push_back(type(input));
  const std::string prefix = layer.params.empty() ? layer.name : layer.params;
  for (const ParameterDef& def : op.parameters(attrs, inputs)) {
    std::size_t at = 0;
    while (at < op.operands.size() && op.operands[at].name != def.operand) ++at;
    FCNGRAPH_ASSERT(at < op.operands.size(), "parameter rule of '" + op.name + "' names no operand");
    if (operands.size() <= at) operands.resize(at + 1);
    if (operands[at].valid() || (op.operands[at].optional && !layer.bias)) continue;
    const std::string name = prefix + "." + def.operand;
    Initializer init = def.init;
    if (def.operand == "weight" && !layer.init.empty()) {
      const auto chosen = initializer(layer.init);
      if (!chosen)
        return diagnostics_.error("E0109", layer.span,
                                  "node '" + layer.name + "': there is no initialiser '" + layer.init + "'", {},
                                  {"initialisers: he, glorot, zeros, ones, bilinear"}),
               false;
      init = *chosen;
    }
    if (graph_.find_value(name).valid())
      return diagnostics_.error("E0201", layer.span, "the name '" + name + "' is taken"), false;
    const TensorType parameter{options_.dtype, def.shape, {}};
    operands[at] = op.operands[at].kind == OperandDef::Kind::state
                       ? rewriter_.add_state(name, parameter, init, layer.span)
                       : rewriter_.add_parameter(name, parameter, init, layer.trainable, layer.span);
  }
  return true;
}

ValueId GraphBuilder::add_op(const Layer& layer, const OpDef& op, const std::string& name) {
  AttrMap map = layer.attrs;
  if (op.name == "dropout") map.try_emplace("key", layer.name);
  const std::size_t errors = diagnostics_.error_count();
  const Attrs attrs = op.schema.make(map, layer.attr_spans, layer.span, "node '" + layer.name + "'", diagnostics_);
  if (diagnostics_.error_count() != errors) return {};
  std::vector<ValueId> operands = layer.inputs;
  const bool variadic = !op.operands.empty() && op.operands.back().variadic;
  if (!variadic && operands.size() > op.operands.size()) {
    diagnostics_.error("E0301", layer.span,
                       "node '" + layer.name + "': op '" + op.name + "' takes " + std::to_string(op.operands.size()) +
                           " inputs, got " + std::to_string(operands.size()));
    return {};
  }
  if (!add_parameters(layer, op, attrs, operands)) return {};
  return rewriter_.add_value({name, &op, attrs, std::move(operands), Phase::forward, layer.span, nullptr});
}

ValueId GraphBuilder::sample_keys() {
  const ValueId known = graph_.find_value("sample_keys");
  return known.valid() ? known : rewriter_.add_input("sample_keys", {DType::i64, Shape{options_.batch}, {}});
}

ValueId GraphBuilder::add_dropout(const Layer& layer, ValueId input) {
  return add_node(layer.name + ".dropout", "dropout", {{"rate", layer.dropout}, {"key", layer.name}},
                  {input, sample_keys()}, layer.span);
}

ValueId GraphBuilder::add_node(const std::string& name, const std::string& op_name, AttrMap attrs,
                               std::vector<ValueId> operands, const SourceSpan& span) {
  const OpDef* op = ops_.find(op_name);
  FCNGRAPH_ASSERT(op != nullptr, "op '" + op_name + "' is not in the table");
  for (const ValueId operand : operands) {
    if (!operand.valid()) return {};
  }
  const std::size_t errors = diagnostics_.error_count();
  Attrs made = op->schema.make(attrs, {}, span, "'" + name + "'", diagnostics_);
  if (diagnostics_.error_count() != errors) return {};
  return rewriter_.add_value({name, op, std::move(made), std::move(operands), Phase::forward, span, nullptr});
}

ValueId GraphBuilder::add_layer(const Layer& given) try {
  const OpDef* op = find_op(given.op, given.op_span);
  if (op == nullptr || !has_known_keys(given, *op)) return {};
  for (const ValueId input : given.inputs) {
    if (!input.valid()) return {};  // reported where it was built
  }
  op = form_of(given, op);
  Layer layer = given;
  const bool training = options_.mode == Mode::train;
  if (op->identity_at_inference && !training) {
    define(layer.name, layer.inputs[0]);
    return layer.inputs[0];
  }
  if (op->name == "dropout") layer.inputs.push_back(sample_keys());

  const bool activates = layer.activation != "linear";
  const bool drops = layer.dropout > 0 && training;
  // The user's name is that of what a layer makes in every mode; nodes before and after it get a suffix.
  ValueId value = add_op(layer, *op, activates ? layer.name + "." + op->name : layer.name);
  if (activates && value.valid()) value = add_node(layer.name, layer.activation, {}, {value}, layer.span);
  if (drops && value.valid()) value = add_dropout(layer, value);
  if (value.valid()) define(layer.name, value);
  return value;
} catch (const GraphError& error) {
  // Sizes that overflow: the file's mistake, at the layer.
  diagnostics_.error("E0207", given.span, "node '" + given.name + "': " + error.what());
  return {};
}

}  // namespace fcngraph::dsl
