// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/text.h>

#include "print_parts.h"
#include "words.h"

namespace fcngraph {
namespace text {

std::string attrs_text(const Node& node) {
  AttrMap map = node.attrs.to_map();
  for (const AttrDoc& doc : node.op->schema.fields) {
    const auto found = map.find(doc.name);
    if (found != map.end() && !doc.required && found->second == doc.default_value) map.erase(found);
  }
  if (map.empty()) return {};
  std::string out = " {";
  for (const auto& [key, value] : map) out += (out.size() > 2 ? ", " : "") + key + " = " + to_string(value);
  return out + "}";
}

std::string type_text(const TensorType& type) {
  std::string out = std::string(name_of(type.dtype)) + to_string(type.shape);
  if (type.layout == Layout{}) return out;
  out += "{" + name_text(type.layout.tag);
  if (type.layout.bytes != 0) out += ", " + std::to_string(type.layout.bytes) + " bytes";
  return out + "}";
}

}  // namespace text

namespace {

using text::name_text;

class Printer {
 public:
  explicit Printer(const Graph& graph, std::string indent) : graph_(graph), indent_(std::move(indent)) {}

  /// "NAME {", a line for each part, "}".
  std::string run() {
    out_ = name_text(graph_.name()) + " {\n";
    declare(Role::input, "input");
    declare(Role::parameter, "parameter");
    declare(Role::state, "state");
    declare(Role::constant, "constant");
    Phase phase = Phase::forward;
    for (const NodeId id : graph_.order()) {
      const Node& node = graph_.node(id);
      if (node.phase != phase)
        line("phase " + std::string(text::kPhases[static_cast<std::size_t>(phase = node.phase)]));
      line(node_text(node));
    }
    for (const auto& [name, value] : graph_.outputs()) line("output " + name_text(name) + " = " + name_of_value(value));
    for (const auto& [name, value] : graph_.aliases()) line("alias " + name_text(name) + " = " + name_of_value(value));
    return out_ + indent_ + "}";
  }

 private:
  void line(const std::string& text) { out_ += indent_ + "  " + text + "\n"; }
  std::string name_of_value(ValueId id) const { return name_text(graph_.value(id).name); }

  void declare(Role role, const std::string& word) {
    for (const ValueId id : graph_.values_with(role)) {
      const Value& value = graph_.value(id);
      line((value.trainable ? "trainable " : "") + word + " " + name_text(value.name) + " : " +
           text::type_text(value.type) + start_text(value));
    }
  }

  static std::string start_text(const Value& value) {
    if (value.role == Role::constant) return " = " + text::data_text(value.type, value.data);
    const Initializer& init = value.init;
    if (init == Initializer{}) return {};
    const std::string number = to_string(AttrValue(init.value));
    const bool has_number = init.kind == Initializer::Kind::constant || init.value != 0;
    return std::string(" = ") + text::kInitializers[static_cast<std::size_t>(init.kind)] +
           (has_number ? " " + number : "");
  }

  std::string node_text(const Node& node) const {
    std::string names, operands, types;
    std::size_t count = node.operands.size();
    while (count > 0 && !node.operands[count - 1].valid()) --count;
    for (std::size_t i = 0; i < count; ++i) {
      const bool there = node.operands[i].valid();
      operands += (i > 0 ? ", " : "") + (there ? name_of_value(node.operands[i]) : std::string(text::kAbsent));
    }
    for (const ValueId result : node.results) {
      names += (names.empty() ? "" : ", ") + name_of_value(result);
      types += (types.empty() ? "" : ", ") + text::type_text(graph_.value(result).type);
    }
    std::string out = names + " = " + node.op->name + "(" + operands + ")" + text::attrs_text(node) + " : " + types;
    if (!node.kernel.empty()) out += " by " + name_text(node.kernel);
    if (!node.reason.empty()) out += " because " + to_string(AttrValue(node.reason));
    if (node.workspace != 0) out += " workspace " + std::to_string(node.workspace);
    if (node.body) out += " body " + Printer(*node.body, indent_ + "  ").run();
    return out;
  }

  const Graph& graph_;
  std::string indent_;
  std::string out_;
};

}  // namespace

std::string to_text(const Graph& graph) {
  return "fcngraph " + std::to_string(kTextFormat) + "\ngraph " + Printer(graph, "").run() + "\n";
}

}  // namespace fcngraph
