// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/schema.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "schema_keys.h"

namespace fcngraph {
namespace {

using Json = nlohmann::ordered_json;

Json list_of(const char* type) { return {{"type", "array"}, {"items", {{"type", type}}}}; }

Json words(std::string_view choices) {
  Json out = Json::array();
  while (!choices.empty()) {
    const auto space = choices.find(' ');
    out.push_back(choices.substr(0, space));
    choices = space == std::string_view::npos ? std::string_view() : choices.substr(space + 1);
  }
  return out;
}

Json object_of(std::string_view table, const OpTable& ops);

Json type_of(const SchemaKey& key, const OpTable& ops) {
  const auto path = key.table.empty() ? std::string(key.name) : std::string(key.table) + "." + std::string(key.name);
  // Nodes of backbones and blocks are nodes like any other.
  const auto inner = key.name == "node" ? std::string("node") : path;
  switch (key.type) {
    case KeyType::text:
      return {{"type", "string"}};
    case KeyType::integer:
      return {{"type", "integer"}};
    case KeyType::number:
      return {{"type", "number"}};
    case KeyType::boolean:
      return {{"type", "boolean"}};
    case KeyType::texts:
      return {{"oneOf", {list_of("string"), {{"type", "string"}}}}};
    case KeyType::integers:
      return list_of("integer");
    case KeyType::numbers:
      return list_of("number");
    case KeyType::colors:
      return {{"type", "array"}, {"items", list_of("integer")}};
    case KeyType::texts_or_integer:
      return {{"oneOf", {list_of("string"), {{"type", "integer"}}}}};
    case KeyType::text_or_table:
      return {{"oneOf", {{{"type", "string"}}, object_of(inner, ops)}}};
    case KeyType::integer_or_table:
      return {{"oneOf", {{{"type", "integer"}}, object_of(inner, ops)}}};
    case KeyType::tables:
      if (inner == "node") return {{"type", "array"}, {"items", {{"$ref", "#/$defs/node"}}}};
      return {{"type", "array"}, {"items", object_of(inner, ops)}};
    case KeyType::table:
      if (key.name == "block") return {{"type", "object"}, {"additionalProperties", {{"$ref", "#/$defs/block"}}}};
      return object_of(inner, ops);
    case KeyType::any:
      break;
  }
  return Json::object();
}

/// What a key of a node accepts: in a block, "$parameter" may stand for it, alone or in a list.
Json or_parameter(Json type) {
  const Json parameter = {{"type", "string"}, {"pattern", "^\\$"}};
  return {{"anyOf", {std::move(type), parameter, {{"type", "array"}, {"contains", parameter}}}}};
}

/// A stage has the keys of [train], but for what the whole run has one of, beside its own.
bool belongs_to(const SchemaKey& key, std::string_view table) {
  return key.table == table || (table == "stage" && key.table == "train" && key.name != "seed");
}

Json object_of(std::string_view table, const OpTable& ops) {
  Json properties = Json::object();
  for (const auto& key : schema_keys()) {
    if (!belongs_to(key, table)) continue;
    Json type = type_of(key, ops);
    if (!key.choices.empty()) type["enum"] = words(key.choices);
    const bool names_it = key.name == "name" || key.name == "op" || key.name == "block";
    if (table == "node" && !names_it) type = or_parameter(std::move(type));
    type["description"] = key.doc;
    properties[std::string(key.name)] = std::move(type);
  }
  return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

/// What an attribute of this type may be, by how its type reads in messages; anything where an embedder's op has its own.
Json attribute_type(const AttrDoc& field) {
  if (!field.choices.empty()) return {{"enum", field.choices}};
  const std::string& type = field.type;
  if (type == "true or false") return {{"type", "boolean"}};
  if (type == "an integer") return {{"type", "integer"}};
  if (type == "a number") return {{"type", "number"}};
  if (type == "a string") return {{"type", "string"}};
  if (type == "a list of integers") return list_of("integer");
  if (type == "a list of numbers") return list_of("number");
  if (type.starts_with("an integer or [")) {
    Json list = list_of("integer");
    list["minItems"] = list["maxItems"] = std::count(type.begin(), type.end(), ',') + 1;
    return {{"oneOf", {{{"type", "integer"}}, std::move(list)}}};
  }
  return Json::object();
}

Json attribute(const AttrDoc& field) {
  Json type = attribute_type(field);
  Json out = type.empty() ? Json::object() : or_parameter(std::move(type));
  out["description"] = field.doc + ": " + field.type;
  if (!field.required) out["default"] = std::visit([](const auto& v) { return Json(v); }, field.default_value);
  return out;
}

/// A node has the attributes of its op: one case an op. A node that stands for a block has the block's parameters.
Json node_schema(const OpTable& ops) {
  const Json common = object_of("node", ops);
  Json names = Json::array(), cases = Json::array();
  for (const auto* op : ops.all()) {
    if (!op->builtin_public) continue;
    names.push_back(op->name);
    Json properties = common.at("properties");
    properties["op"] = {{"const", op->name}, {"description", op->doc}};
    Json required = Json::array();
    for (const auto& field : op->schema.fields) {
      properties[field.name] = attribute(field);
      if (field.required) required.push_back(field.name);
    }
    cases.push_back({{"if", {{"properties", {{"op", {{"const", op->name}}}}}, {"required", {"op"}}}},
                     {"then",
                      {{"properties", std::move(properties)},
                       {"required", std::move(required)},
                       {"additionalProperties", false}}}});
  }
  Json node = {
      {"type", "object"}, {"properties", common.at("properties")}, {"required", {"name"}}, {"allOf", std::move(cases)}};
  node["properties"]["op"]["enum"] = std::move(names);
  return node;
}

}  // namespace

std::string json_schema(const OpTable& ops) {
  const Json root = object_of("", ops);
  Json block = {
      {"type", "object"},
      {"properties",
       {{"parameters", list_of("string")}, {"node", {{"type", "array"}, {"items", {{"$ref", "#/$defs/node"}}}}}}},
      {"additionalProperties", false}};
  const Json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                    {"title", "fcngraph model, backbone or data file"},
                    {"type", "object"},
                    {"properties", root.at("properties")},
                    {"additionalProperties", false},
                    {"$defs", {{"node", node_schema(ops)}, {"block", std::move(block)}}}};
  return out.dump(2) + '\n';
}

}  // namespace fcngraph
