// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include "read.h"

namespace fcngraph::dsl {
namespace {

constexpr std::int64_t kRepeatLimit = 100'000;

const std::array<std::string, 5>& initialisers() {
  static const std::array<std::string, 5> names{"he", "glorot", "zeros", "ones", "bilinear"};
  return names;
}

/// A TOML value in the form that ops read. "$parameter" in a list stands for a number that is not known yet: a list of templates
/// is only checked once it is filled in.
std::optional<AttrValue> to_attr(const TomlValue& value) {
  switch (value.kind) {
    case TomlValue::Kind::boolean:
      return AttrValue(value.boolean);
    case TomlValue::Kind::integer:
      return AttrValue(value.integer);
    case TomlValue::Kind::floating:
      return AttrValue(value.number);
    case TomlValue::Kind::string:
      return AttrValue(value.text);
    case TomlValue::Kind::table:
      return std::nullopt;
    case TomlValue::Kind::array:
      break;
  }
  std::vector<std::int64_t> integers;
  std::vector<double> numbers;
  for (const auto& item : value.items) {
    if (item.kind == TomlValue::Kind::integer) {
      integers.push_back(item.integer);
      numbers.push_back(static_cast<double>(item.integer));
    } else if (item.kind == TomlValue::Kind::floating) {
      numbers.push_back(item.number);
    } else {
      return std::nullopt;
    }
  }
  if (numbers.size() != value.items.size()) return std::nullopt;
  if (integers.size() == numbers.size()) return AttrValue(std::move(integers));
  return AttrValue(std::move(numbers));
}

bool holds_template(const TomlValue& value) {
  if (value.is_string()) return value.text.starts_with('$');
  for (const auto& item : value.items) {
    if (holds_template(item)) return true;
  }
  return false;
}

/// Every "$parameter" in the body of a block has to be one.
void check_parameters(const TomlValue& value, const BlockSpec& block, Diagnostics& diagnostics) {
  for (const auto& item : value.items) check_parameters(item, block, diagnostics);
  for (const auto& entry : value.entries) {
    if (entry.key != "name" && entry.key != "block") check_parameters(entry.value, block, diagnostics);
  }
  if (!value.is_string() || !value.text.starts_with('$')) return;
  std::vector<std::string> known;
  for (const auto& parameter : block.parameters) known.push_back("$" + *parameter);
  if (std::find(known.begin(), known.end(), value.text) != known.end()) return;
  diagnostics.error("E0206", value.span, "'" + value.text + "' is not a parameter of block '" + *block.name + "'",
                    did_you_mean(value.text, known));
}

void read_attrs(StrictTable& table, const TomlValue& value, NodeSpec& spec, const std::vector<std::string>& form,
                bool templates) {
  for (const auto& entry : value.entries) {
    if (std::find(form.begin(), form.end(), entry.key) != form.end()) continue;
    table.take(entry.key);
    spec.key_spans[entry.key] = entry.key_span;
    spec.attr_spans[entry.key] = entry.value.span;
    if (templates && holds_template(entry.value)) continue;
    if (auto attr = to_attr(entry.value)) {
      spec.attrs[entry.key] = std::move(*attr);
    } else if (spec.block.given()) {
      continue;
    } else {
      table.wrong("E0106", entry.key, entry.value, "a value, a list of integers or a list of numbers");
    }
  }
}

}  // namespace

std::string title(const std::string& what, const TomlValue& table, std::size_t number) {
  const auto* name = table.find("name");
  if (name != nullptr && name->is_string() && !name->text.empty() && name->text.size() <= 64) {
    return what + " '" + name->text + "'";
  }
  return what + " " + std::to_string(number);
}

NodeSpec read_node(const TomlValue& value, std::size_t number, Diagnostics& diagnostics, bool templates) {
  static const std::array<std::string, 3> activations{"linear", "relu", "softmax"};
  NodeSpec spec;
  spec.span = value.span;
  const bool instance = value.find("block") != nullptr;
  StrictTable table(value, title("node", value, number), diagnostics, templates);
  table.read_name("name", spec.name, "{}");
  table.read("op", spec.op);
  table.read("block", spec.block);
  table.read_strings("inputs", spec.inputs);
  table.read("repeat", spec.repeat, {1, kRepeatLimit});
  table.require("name", "which others call it by");
  std::vector<std::string> form{"name", "op", "block", "inputs", "repeat"};
  if (instance) {
    if (value.find("op") != nullptr) {
      diagnostics.error("E0206", value.find("op")->span, table.who() + " has both an op and a block",
                        "keep one of the two");
    }
  } else {
    table.require("op", "what it computes, or 'block', what it stands for");
    table.read_choice("activation", spec.activation, activations);
    table.read("dropout", spec.dropout, kShare);
    table.read_choice("init", spec.init, initialisers());
    table.read("bias", spec.bias);
    table.read("trainable", spec.trainable);
    table.read("weights_from", spec.weights_from);
    form.insert(form.end(), {"activation", "dropout", "init", "bias", "trainable", "weights_from"});
  }
  read_attrs(table, value, spec, form, templates);
  table.finish();
  return spec;
}

BlockSpec read_block(const std::string& name, const SourceSpan& name_span, const TomlValue& value,
                     Diagnostics& diagnostics) {
  BlockSpec spec;
  spec.name = {name, name_span};
  spec.span = value.span;
  const std::string who = "block '" + name + "'";
  StrictTable table(value, who, diagnostics);
  if (!is_name(name)) {
    diagnostics.error("E0208", name_span, "a block is called " + describe(TomlValue::string(name, {})),
                      "a name has letters, digits, '_' and '-', and starts with a letter or '_'");
  }
  table.read_strings("parameters", spec.parameters);
  static const std::array<std::string, 5> taken{"name", "op", "block", "inputs", "repeat"};
  for (std::size_t i = 0; i < spec.parameters.size(); ++i) {
    const auto& parameter = spec.parameters[i];
    if (!is_name(*parameter) || std::find(taken.begin(), taken.end(), *parameter) != taken.end()) {
      diagnostics.error(
          "E0208", parameter.span, who + " has a parameter that cannot be called '" + *parameter + "'",
          is_name(*parameter) ? "that is a key of every node" : "a name has letters, digits, '_' and '-'");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (*spec.parameters[j] != *parameter) continue;
      diagnostics.error("E0201", parameter.span, who + " has two parameters '" + *parameter + "'");
      break;
    }
  }
  std::size_t number = 0;
  const auto nodes = table.read_tables("node");
  for (const auto& node : nodes) {
    check_parameters(node, spec, diagnostics);
    spec.nodes.push_back(read_node(node, ++number, diagnostics, true));
  }
  if (nodes.empty()) {
    diagnostics.error("E0206", value.span, who + " has no nodes", "write them as [[block." + name + ".node]]");
  }
  table.finish();
  return spec;
}

}  // namespace fcngraph::dsl
