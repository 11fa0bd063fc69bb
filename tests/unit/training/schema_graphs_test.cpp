// SPDX-License-Identifier: Apache-2.0
// The JSON Schema against every file of the repository, good and bad.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include <fcngraph/schema.h>

#include "json_validator.h"
#include "toml_tree.h"

namespace fcngraph {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Json to_json(const dsl::TomlValue& value) {
  using Kind = dsl::TomlValue::Kind;
  Json out;
  switch (value.kind) {
    case Kind::boolean:
      return value.boolean;
    case Kind::integer:
      return value.integer;
    case Kind::floating:
      return value.number;
    case Kind::string:
      return value.text;
    case Kind::array:
      out = Json::array();
      for (const auto& item : value.items) out.push_back(to_json(item));
      return out;
    case Kind::table:
      break;
  }
  out = Json::object();
  for (const auto& entry : value.entries) out[entry.key] = to_json(entry.value);
  return out;
}

Json read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  Diagnostics diagnostics;
  const auto document =
      dsl::parse_toml(std::make_shared<SourceFile>(SourceFile{path.string(), text.str()}), diagnostics);
  REQUIRE_MESSAGE(document.has_value(), render(diagnostics.all()));
  return to_json(*document);
}

const Json& schema() {
  static const Json json = Json::parse(json_schema());
  return json;
}

fs::path root() { return std::getenv("FCNGRAPH_SOURCE_DIR"); }

TEST_CASE("every graph of the repository follows the schema") {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root() / "graphs")) {
    if (entry.path().extension() != ".toml") continue;
    CAPTURE(entry.path().string());
    CHECK(join(testing::violations(schema(), read(entry.path())), "\n") == "");
    ++count;
  }
  CHECK(count >= 15);
}

TEST_CASE("what the reader refuses in one word, the schema refuses too") {
  for (const char* name : {"unknown_keys", "wrong_types", "choices", "missing_keys", "tables_for_lists"}) {
    CAPTURE(name);
    CHECK_FALSE(testing::violations(schema(), read(root() / "tests/errors" / (std::string(name) + ".toml"))).empty());
  }
  const Json node = {{"name", "c"}, {"op", "conv2d"}, {"filters", 4}};
  const auto wrong = [&](const char* key, Json value) {
    Json changed = node;
    changed[key] = std::move(value);
    return !testing::violations(schema(), {{"fcngraph", 1}, {"node", {changed}}}).empty();
  };
  CHECK_FALSE(wrong("kernel", 3));
  CHECK_FALSE(wrong("kernel", {3, 5}));
  CHECK_FALSE(wrong("kernel", "$kernel"));
  CHECK_FALSE(wrong("kernel", Json::array({"$kernel", 1})));
  CHECK_FALSE(wrong("padding", "same"));
  CHECK(wrong("kernel", {3, 5, 7}));
  CHECK(wrong("kernel", 3.5));
  CHECK(wrong("padding", "sam"));
  CHECK(wrong("op", "conv2"));
  CHECK(wrong("rate", 0.5));
}

TEST_CASE("a schema with a rule that the validator does not know is refused") {
  CHECK_THROWS_AS((void)testing::violations({{"minimum", 1}}, 0), std::invalid_argument);
}

}  // namespace
}  // namespace fcngraph
