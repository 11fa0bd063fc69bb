// SPDX-License-Identifier: Apache-2.0
#include "expand.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "node_loop.h"
#include "read.h"

namespace fcngraph::dsl {
namespace {

constexpr std::size_t kNodeLimit = 100'000;
constexpr std::size_t kDepthLimit = 16;

/// The argument of a parameter, and where the names in it are to be looked up: at the place that gave it.
struct Bound {
  TomlValue value;
  const Scope* scope = nullptr;
};
using Bindings = std::map<std::string, Bound, std::less<>>;

/// One list of nodes on its way out: the top, or the body of a block.
struct Frame {
  const Bindings* bindings = nullptr;  ///< null at the top
  std::string block;
  std::string prefix;
  std::int64_t repetition = 1;
};

bool has_counter(std::string_view text) { return text.find("{i}") != std::string_view::npos; }

std::string with_counter(std::string text, std::int64_t i) {
  for (auto at = text.find("{i}"); at != std::string::npos; at = text.find("{i}", at))
    text.replace(at, 3, std::to_string(i));
  return text;
}

bool is_form_key(std::string_view key) {
  return key == "name" || key == "op" || key == "block" || key == "inputs" || key == "repeat";
}

std::string name_of(const TomlValue& node) {
  const auto* name = node.find("name");
  return name != nullptr && name->is_string() ? name->text : std::string{};
}

class Expander {
 public:
  Expander(const TomlValue* blocks, NameTable& names, Diagnostics& diagnostics)
      : blocks_(blocks), names_(names), diagnostics_(diagnostics) {}

  void write_list(std::span<const TomlValue> list, const Frame& frame, Scope& scope) {
    for (std::size_t i = 0; i < list.size() && !full_; ++i) write_item(list, i, frame, scope);
  }

  std::vector<NodeSpec> take() { return std::move(out_); }

 private:
  void write_item(std::span<const TomlValue> list, std::size_t index, const Frame& frame, Scope& scope) {
    const TomlValue& raw = list[index];
    if (++items_ > kNodeLimit) return report_size(raw.span);
    const TomlValue filled = fill(raw, frame);
    NodeSpec spec = read_node(filled, index + 1, diagnostics_);
    const bool instance = spec.block.given();
    if (!spec.name.given() || (!instance && !spec.op.given())) {
      scope.open = true;
      return;
    }
    if (with_counter(*spec.name, 1).find_first_of("{}") != std::string::npos) {
      diagnostics_.error("E0208", spec.name.span, "node '" + *spec.name + "' has braces in its name",
                         "the only thing in braces is {i}, the repetition");
      scope.open = true;
      return;
    }
    const TomlValue* body = nullptr;
    Bindings arguments;
    if (instance) {
      body = find_block(spec);
      if (body == nullptr || !bind(raw, filled, *body, spec, frame, scope, arguments)) {
        scope.open = true;
        return;
      }
    }
    repeat_item(list, index, frame, scope, spec, body, arguments);
  }

  void repeat_item(std::span<const TomlValue> list, std::size_t index, const Frame& frame, Scope& scope,
                   const NodeSpec& spec, const TomlValue* body, const Bindings& arguments) {
    const bool counts = list[index].find("repeat") != nullptr;
    const auto times = counts && names_differ(spec, body) ? *spec.repeat : 1;
    for (std::int64_t r = 1; r <= times && !full_; ++r) {
      const auto errors = diagnostics_.error_count();
      const std::int64_t i = counts ? r : frame.repetition;
      NodeSpec node = spec;
      node.name.value = with_counter(*spec.name, i);
      node.inputs = resolve_inputs(list, index, frame, scope, spec, i);
      if (r > 1) node.inputs.front() = {scope.previous, spec.span};
      if (body == nullptr) {
        write_op(std::move(node), frame, scope, i);
      } else {
        write_block(node, *body, arguments, frame, scope, i, r == 1);
      }
      // What is wrong in one repetition is wrong in all.
      if (diagnostics_.error_count() > errors) return;
    }
  }

  void write_op(NodeSpec node, const Frame& frame, Scope& scope, std::int64_t i) {
    const std::string local = *node.name;
    const std::string full = frame.prefix + local;
    if (!names_.declare(full, node.name.span, "node")) return;
    if (++written_ > kNodeLimit) {
      report_size(node.span);
      return;
    }
    node.name.value = full;
    node.weights_from.value = with_counter(*node.weights_from, i);
    node.repeat = {1, {}};
    scope.names[local] = full;
    scope.previous = full;
    out_.push_back(std::move(node));
  }

  void write_block(const NodeSpec& node, const TomlValue& body, const Bindings& arguments, const Frame& frame,
                   Scope& scope, std::int64_t i, bool first) {
    const std::string local = *node.name;
    if (std::find(open_.begin(), open_.end(), *node.block) != open_.end() || open_.size() >= kDepthLimit) {
      report_nesting(node);
      scope.open = true;
      return;
    }
    if ((first || has_counter(*node.name)) && !names_.has(frame.prefix + local)) {
      names_.declare(frame.prefix + local, node.name.span, "node");
    } else if (first) {
      names_.declare(frame.prefix + local, node.name.span, "node");
      return;
    }
    Scope inner;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      inner.names[k == 0 ? "input" : "input" + std::to_string(k + 1)] = *node.inputs[k];
    }
    inner.previous = *node.inputs.front();
    const auto given = inner.names;
    open_.push_back(*node.block);
    const auto* nodes = body.find("node");
    write_list(nodes->items, {&arguments, *node.block, frame.prefix + local + "_", i}, inner);
    open_.pop_back();
    for (const auto& [name, full] : inner.names) {
      if (given.count(name) == 0) scope.names[local + "_" + name] = full;
    }
    scope.names[local] = inner.previous;
    scope.previous = inner.previous;
    scope.open = scope.open || inner.open;
  }

  void report_size(const SourceSpan& span) {
    diagnostics_.error("E0209", span, "the model has more than " + std::to_string(kNodeLimit) + " nodes");
    full_ = true;
  }

  void report_nesting(const NodeSpec& node) {
    const auto again = std::find(open_.begin(), open_.end(), *node.block);
    if (again == open_.end()) {
      diagnostics_.error("E0209", node.block.span,
                         "blocks lie in each other more than " + std::to_string(kDepthLimit) + " deep");
      return;
    }
    std::vector<std::string> loop(again, open_.end());
    loop.push_back(*node.block);
    diagnostics_.error("E0204", node.block.span, "blocks contain each other in a loop: " + join(loop, " -> "));
  }

  const TomlValue* find_block(const NodeSpec& spec) {
    const auto* found = blocks_ == nullptr ? nullptr : blocks_->find(*spec.block);
    if (found == nullptr) {
      const auto known = blocks_ == nullptr ? std::vector<std::string>{} : blocks_->keys();
      diagnostics_.error("E0206", spec.block.span,
                         "node '" + *spec.name + "' writes out block '" + *spec.block + "', which does not exist",
                         did_you_mean(*spec.block, known),
                         {known.empty() ? "this file defines no block" : "blocks known: " + list_some(known)});
      return nullptr;
    }
    // Anything else about the block itself has been reported where it is defined.
    const auto* nodes = found->is_table() ? found->find("node") : nullptr;
    return nodes != nullptr && nodes->is_array_of_tables() ? found : nullptr;
  }

  /// Gives the parameters of a block their arguments; false when they do not fit, which has then been reported.
  bool bind(const TomlValue& raw, const TomlValue& filled, const TomlValue& body, const NodeSpec& spec,
            const Frame& frame, const Scope& scope, Bindings& out) {
    std::vector<std::string> parameters;
    if (const auto* list = body.find("parameters"); list != nullptr) {
      if (list->is_string()) parameters.push_back(list->text);
      for (const auto& item : list->items) parameters.push_back(item.text);
    }
    bool good = true;
    for (const auto& entry : filled.entries) {
      if (is_form_key(entry.key)) continue;
      if (std::find(parameters.begin(), parameters.end(), entry.key) == parameters.end()) {
        diagnostics_.error("E0105", entry.key_span, "block '" + *spec.block + "' has no parameter '" + entry.key + "'",
                           did_you_mean(entry.key, parameters),
                           {parameters.empty() ? "it has no parameters" : "parameters: " + join(parameters)});
        good = false;
        continue;
      }
      const auto* written = raw.find(entry.key);
      const auto* outer = find_bound(*written, frame);
      out[entry.key] = {entry.value, outer != nullptr ? outer->scope : &scope};
    }
    // A key that is misspelt is missing as well: one mistake, one message.
    if (!good) return false;
    for (const auto& parameter : parameters) {
      if (out.count(parameter) > 0 || filled.find(parameter) != nullptr) continue;
      diagnostics_.error(
          "E0107", filled.span,
          "node '" + *spec.name + "' lacks '" + parameter + "', a parameter of block '" + *spec.block + "'");
      good = false;
    }
    return good;
  }

  static const Bound* find_bound(const TomlValue& value, const Frame& frame) {
    if (frame.bindings == nullptr || !value.is_string() || !value.text.starts_with('$')) return nullptr;
    const auto found = frame.bindings->find(std::string_view(value.text).substr(1));
    return found == frame.bindings->end() ? nullptr : &found->second;
  }

  /// The node with each "$parameter" replaced by its argument.
  TomlValue fill(const TomlValue& node, const Frame& frame) {
    TomlValue out = node;
    for (auto& entry : out.entries) {
      if (entry.key != "name" && entry.key != "block") fill_value(entry.value, frame, false);
    }
    return out;
  }

  void fill_value(TomlValue& value, const Frame& frame, bool in_list) {
    for (auto& item : value.items) fill_value(item, frame, true);
    if (!value.is_string() || !value.text.starts_with('$')) return;
    if (const auto* bound = find_bound(value, frame)) {
      // A list in a list is no attribute; and lists of lists would grow with every block that they pass through.
      if (in_list && (bound->value.is_array() || bound->value.is_table())) {
        diagnostics_.error("E0106", value.span,
                           "'" + value.text + "' stands for a list, and cannot be in a list itself");
        value.kind = TomlValue::Kind::integer;
      } else {
        value = bound->value;
      }
      return;
    }
    std::vector<std::string> known;
    if (frame.bindings != nullptr) {
      for (const auto& [name, bound] : *frame.bindings) known.push_back("$" + name);
      diagnostics_.error("E0206", value.span, "'" + value.text + "' is not a parameter of block '" + frame.block + "'",
                         did_you_mean(value.text, known));
    } else {
      diagnostics_.error("E0206", value.span,
                         "'" + value.text + "' stands for a parameter, but this node is not part of a block");
    }
  }

  /// Whether repetitions get names of their own; reported when they do not.
  bool names_differ(const NodeSpec& spec, const TomlValue* body) {
    if (*spec.repeat == 1 || has_counter(*spec.name)) return true;
    bool differ = body != nullptr;
    for (const auto& node : body != nullptr ? body->find("node")->items : std::vector<TomlValue>{}) {
      differ = differ && has_counter(name_of(node)) && node.find("repeat") == nullptr;
    }
    if (differ) return true;
    diagnostics_.error(
        "E0206", spec.repeat.span.file ? spec.repeat.span : spec.name.span,
        "node '" + *spec.name + "' is written out " + std::to_string(*spec.repeat) + " times under one name",
        "put {i} into its name: '" + *spec.name + "{i}'");
    return false;
  }

  std::vector<Spanned<std::string>> resolve_inputs(std::span<const TomlValue> list, std::size_t index,
                                                   const Frame& frame, Scope& scope, const NodeSpec& spec,
                                                   std::int64_t i) {
    std::vector<Spanned<std::string>> out;
    const auto* raw = list[index].find("inputs");
    const std::string who = "node '" + *spec.name + "'";
    for (std::size_t k = 0; k < spec.inputs.size(); ++k) {
      const TomlValue& written = raw->is_array() ? raw->items[k] : *raw;
      const auto* bound = find_bound(written, frame);
      Spanned<std::string> name{bound ? *spec.inputs[k] : with_counter(*spec.inputs[k], i), spec.inputs[k].span};
      const Scope& where = bound ? *bound->scope : scope;
      if (!bound && where.names.count(*name) == 0 && report_order(list, index, name, frame.repetition, diagnostics_)) {
        continue;
      }
      if (auto full = resolve_name(where, who, name, diagnostics_)) out.push_back({*full, name.span});
    }
    if (out.empty()) out.push_back({scope.previous, spec.span});
    return out;
  }

  const TomlValue* blocks_;
  NameTable& names_;
  Diagnostics& diagnostics_;
  std::vector<NodeSpec> out_;
  std::vector<std::string> open_;  ///< blocks being written out, outermost first
  std::size_t items_ = 0;
  std::size_t written_ = 0;
  bool full_ = false;
};

}  // namespace

std::vector<NodeSpec> expand(const TomlValue* blocks, std::span<const TomlValue> nodes, Scope& scope, NameTable& names,
                             Diagnostics& diagnostics) {
  Expander expander(blocks, names, diagnostics);
  expander.write_list(nodes, {}, scope);
  return expander.take();
}

}  // namespace fcngraph::dsl
