// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/engine/op.h>

#include "command.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string operands_of(const OpDef& op) {
  std::string out;
  for (const auto& operand : op.operands) {
    if (!out.empty()) out += ", ";
    out += operand.name + (operand.variadic ? "..." : "") + (operand.optional ? "?" : "");
  }
  return out;
}

std::string signature(const OpDef& op) {
  return fmt::format("{}({}) -> {}", op.name, operands_of(op), join(op.results));
}

Json value_of(const AttrValue& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

Json to_json(const OpDef& op) {
  Json attributes = Json::array(), operands = Json::array();
  for (const auto& field : op.schema.fields) {
    Json row = {{"name", field.name}, {"type", field.type}, {"doc", field.doc}, {"required", field.required}};
    if (!field.required) row["default"] = value_of(field.default_value);
    attributes.push_back(std::move(row));
  }
  for (const auto& operand : op.operands) {
    const char* kind = operand.kind == OperandDef::Kind::tensor      ? "tensor"
                       : operand.kind == OperandDef::Kind::parameter ? "parameter"
                                                                     : "state";
    operands.push_back(
        {{"name", operand.name}, {"kind", kind}, {"optional", operand.optional}, {"variadic", operand.variadic}});
  }
  return {{"name", op.name},
          {"doc", op.doc},
          {"operands", std::move(operands)},
          {"results", op.results},
          {"attributes", std::move(attributes)},
          {"differentiable", static_cast<bool>(op.gradient)}};
}

std::string as_text(const OpDef& op) {
  std::string out = fmt::format("{}\n    {}\n", signature(op), op.doc);
  for (const auto& field : op.schema.fields) {
    out += fmt::format("    {} = {}: {} ({})\n", field.name,
                       field.required ? "(required)" : to_string(field.default_value), field.doc, field.type);
  }
  return out + '\n';
}

std::string as_markdown(const OpDef& op) {
  std::string out = fmt::format("## {}\n\n`{}`\n\n{}\n\n", op.name, signature(op), op.doc);
  if (op.schema.fields.empty()) return out;
  out += "| attribute | default | type | meaning |\n|---|---|---|---|\n";
  for (const auto& field : op.schema.fields) {
    out += fmt::format("| `{}` | {} | {} | {} |\n", field.name,
                       field.required ? "required" : "`" + to_string(field.default_value) + "`", field.type, field.doc);
  }
  return out + '\n';
}

int run(const Arguments& arguments) {
  const OpTable table;
  for (const auto& name : arguments.positional()) {
    if (table.find(name) != nullptr) continue;
    const auto names = table.names();
    const auto hint = did_you_mean(name, names);
    throw UsageError(fmt::format("there is no op '{}'{}", name, hint.empty() ? hint : ", " + hint));
  }
  std::string text;
  Json json = Json::array();
  for (const auto* op : table.all()) {
    const auto& asked = arguments.positional();
    if (asked.empty() ? !op->builtin_public : std::find(asked.begin(), asked.end(), op->name) == asked.end()) continue;
    text += arguments.has("markdown") ? as_markdown(*op) : as_text(*op);
    json.push_back(to_json(*op));
  }
  print(arguments.has("json") ? json.dump(2) + '\n' : text);
  return kOk;
}

}  // namespace

Command ops_command() {
  return {"ops",
          "lists the ops that a [[node]] may use",
          "[NAME...]",
          {{"markdown", Arity::flag, "", "as a document"}, {"json", Arity::flag, "", "as one JSON document"}},
          run};
}

}  // namespace fcngraph::cli
