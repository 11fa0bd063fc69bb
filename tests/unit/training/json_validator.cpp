// SPDX-License-Identifier: Apache-2.0
#include "json_validator.h"

#include <regex>
#include <set>
#include <stdexcept>

namespace fcngraph::testing {
namespace {

using Json = nlohmann::json;

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  throw std::invalid_argument("type '" + type + "' is not known");
}

class Validator {
 public:
  explicit Validator(const Json& root) : root_(root) {}

  void check(const Json& schema, const Json& value, const std::string& at, std::vector<std::string>& out) const {
    refuse_unknown(schema);
    if (schema.contains("$ref")) {
      const std::string path = schema.at("$ref").get<std::string>().substr(1);
      check(root_.at(Json::json_pointer(path)), value, at, out);
    }
    if (schema.contains("type") && !has_type(value, schema.at("type")))
      out.push_back(at + ": expected " + schema.at("type").get<std::string>() + ", got " + value.dump());
    if (schema.contains("const") && value != schema.at("const")) out.push_back(at + ": is another constant");
    if (schema.contains("enum")) {
      const Json& words = schema.at("enum");
      if (std::find(words.begin(), words.end(), value) == words.end())
        out.push_back(at + ": " + value.dump() + " is none of " + words.dump());
    }
    if (schema.contains("pattern") && value.is_string() &&
        !std::regex_search(value.get<std::string>(), std::regex(schema.at("pattern").get<std::string>())))
      out.push_back(at + ": does not follow the pattern");
    if (value.is_object()) check_object(schema, value, at, out);
    if (value.is_array()) check_array(schema, value, at, out);
    check_combinations(schema, value, at, out);
  }

 private:
  static void refuse_unknown(const Json& schema) {
    static const std::set<std::string> known{
        "$schema", "$defs", "$ref",    "title", "description", "default",    "type",
        "const",   "enum",  "pattern", "items", "minItems",    "maxItems",   "contains",
        "oneOf",   "anyOf", "allOf",   "if",    "then",        "properties", "additionalProperties",
        "required"};
    for (const auto& [keyword, rule] : schema.items()) {
      if (known.count(keyword) == 0) throw std::invalid_argument("keyword '" + keyword + "' is not known");
    }
  }

  bool fits(const Json& schema, const Json& value) const {
    std::vector<std::string> found;
    check(schema, value, {}, found);
    return found.empty();
  }

  void check_object(const Json& schema, const Json& value, const std::string& at, std::vector<std::string>& out) const {
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [key, member] : value.items()) {
      const std::string place = at + "/" + key;
      if (properties.contains(key)) {
        check(properties.at(key), member, place, out);
      } else if (schema.contains("additionalProperties")) {
        const Json& rule = schema.at("additionalProperties");
        if (rule.is_object()) check(rule, member, place, out);
        if (rule == false) out.push_back(place + ": is not a key");
      }
    }
    for (const auto& key : schema.value("required", Json::array())) {
      if (!value.contains(key.get<std::string>())) out.push_back(at + ": lacks " + key.dump());
    }
  }

  void check_array(const Json& schema, const Json& value, const std::string& at, std::vector<std::string>& out) const {
    if (value.size() < schema.value("minItems", std::size_t{0}) ||
        value.size() > schema.value("maxItems", value.size()))
      out.push_back(at + ": has " + std::to_string(value.size()) + " items");
    for (std::size_t i = 0; schema.contains("items") && i < value.size(); ++i)
      check(schema.at("items"), value[i], at + "/" + std::to_string(i), out);
    if (!schema.contains("contains")) return;
    bool any = false;
    for (const Json& item : value) any = any || fits(schema.at("contains"), item);
    if (!any) out.push_back(at + ": contains none that fits");
  }

  void check_combinations(const Json& schema, const Json& value, const std::string& at,
                          std::vector<std::string>& out) const {
    for (const Json& one : schema.value("allOf", Json::array())) check(one, value, at, out);
    for (const char* keyword : {"anyOf", "oneOf"}) {
      if (!schema.contains(keyword)) continue;
      std::size_t count = 0;
      for (const Json& one : schema.at(keyword)) count += fits(one, value) ? 1 : 0;
      if (count == 0 || (keyword == std::string("oneOf") && count > 1))
        out.push_back(at + ": " + value.dump() + " fits " + std::to_string(count) + " of " + keyword);
    }
    if (schema.contains("if") && fits(schema.at("if"), value)) check(schema.at("then"), value, at, out);
  }

  const Json& root_;
};

}  // namespace

std::vector<std::string> violations(const Json& schema, const Json& document) {
  std::vector<std::string> out;
  Validator(schema).check(schema, document, {}, out);
  return out;
}

}  // namespace fcngraph::testing
