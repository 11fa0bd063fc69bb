// SPDX-License-Identifier: Apache-2.0
#include "schema_keys.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include <fcngraph/dsl/load.h>
#include <fcngraph/engine/diagnostics.h>
#include <fcngraph/schema.h>
#include <nlohmann/json.hpp>

namespace fcngraph {
namespace {

/// "keys known here: a, b" of the reader's finding about an unknown key.
std::set<std::string> known_keys(const std::string& text) {
  Diagnostics diagnostics;
  dsl::load_model_text(text, "test.toml", ".", {}, diagnostics);
  const std::string prefix = "keys known here: ";
  for (const auto& d : diagnostics.all()) {
    if (d.message.find("'zzz'") == std::string::npos) continue;
    for (const auto& note : d.notes) {
      if (!note.starts_with(prefix)) continue;
      std::set<std::string> keys;
      for (std::size_t at = prefix.size(); at < note.size();) {
        const auto comma = std::min(note.find(", ", at), note.size());
        keys.insert(note.substr(at, comma - at));
        at = comma + 2;
      }
      return keys;
    }
  }
  return {};
}

std::set<std::string> schema_of(std::string_view table) {
  std::set<std::string> keys;
  for (const auto& key : schema_keys()) {
    if (key.table == table) keys.emplace(key.name);
  }
  return keys;
}

TEST_CASE("the schema has the keys that the reader knows") {
  const std::map<std::string, std::string> texts = {
      {"", "fcngraph = 1\nzzz = 1\n"},
      {"model", "fcngraph = 1\n[model]\nzzz = 1\n"},
      {"model.input", "fcngraph = 1\n[model]\ninput = { zzz = 1 }\n"},
      {"dense_conv", "fcngraph = 1\n[[dense_conv]]\nzzz = 1\n"},
      {"head", "fcngraph = 1\n[[head]]\nzzz = 1\n"},
      {"head.upsample", "fcngraph = 1\n[[head]]\nupsample = { zzz = 1, kind = \"conv2d_transpose\" }\n"},
      {"train", "fcngraph = 1\n[train]\nzzz = 1\n"},
      {"train.loss", "fcngraph = 1\n[train]\nloss = { zzz = 1 }\n"},
      {"train.l2", "fcngraph = 1\n[train]\nl2 = [{ zzz = 1 }]\n"},
      {"train.lr_scale", "fcngraph = 1\n[train]\nlr_scale = [{ zzz = 1 }]\n"},
      {"compile", "fcngraph = 1\n[compile]\nzzz = 1\n"},
      {"backbone", "fcngraph = 1\n[backbone]\nzzz = 1\n"},
  };
  for (const auto& [table, text] : texts) {
    CAPTURE(table);
    CHECK(known_keys(text) == schema_of(table));
  }
  // Tables that know other keys for each kind: the schema has them all.
  std::set<std::string> optimizer, data;
  for (const char* kind : {"sgd", "adam", "adamw"}) {
    optimizer.merge(
        known_keys(std::string("fcngraph = 1\n[train]\noptimizer = { zzz = 1, kind = \"") + kind + "\" }\n"));
  }
  CHECK(optimizer == schema_of("train.optimizer"));
  for (const char* kind : {"synthetic", "folder", "camvid", "pets"}) {
    data.merge(known_keys(std::string("fcngraph = 1\n[data]\nzzz = 1\nkind = \"") + kind + "\"\n"));
  }
  CHECK(data == schema_of("data"));
  // A stage knows what [train] knows, but for the seed, beside its own keys.
  auto stage = schema_of("stage");
  stage.merge(schema_of("train"));
  stage.erase("seed");
  CHECK(known_keys("fcngraph = 1\n[[stage]]\nzzz = 1\n") == stage);
}

/// What the reader finds wrong with `key = value` in a table: codes, and what it expected instead.
std::string findings(const SchemaKey& key, const std::string& value) {
  const std::string table(key.table), name(key.name);
  std::vector<std::string> kinds{""};
  if (table == "train.optimizer" && name != "kind") kinds = {"sgd", "adamw"};
  if (table == "head.upsample" && name != "kind") kinds = {"conv2d_transpose"};
  if (table == "data" && name != "kind") kinds = {"synthetic", "folder", "camvid", "pets"};
  const bool listed = table == "dense_conv" || table == "head" || table == "node" || table == "stage" ||
                      table == "train.l2" || table == "train.lr_scale";
  std::string out;
  for (const auto& kind : kinds) {
    std::string text = "fcngraph = 1\n";
    if (table.starts_with("head.")) text += "[[head]]\n";
    if (table.starts_with("data.")) text += "[data]\nkind = \"folder\"\n";
    if (!table.empty()) text += listed ? "[[" + table + "]]\n" : "[" + table + "]\n";
    if (!kind.empty()) text += "kind = \"" + kind + "\"\n";
    text += name + " = " + value + "\n";
    Diagnostics diagnostics;
    dsl::load_model_text(text, "test.toml", ".", {}, diagnostics);
    std::string found;
    for (const auto& d : diagnostics.all()) {
      if (d.message.find("'" + name + "'") != std::string::npos && (d.code == "E0106" || d.code == "E0109"))
        found += d.code + " " + d.message + "\n";
    }
    // Another kind may not have the key.
    if (found.size() > out.size()) out = found;
  }
  return out;
}

TEST_CASE("the schema's types and choices are the reader's") {
  const std::map<KeyType, std::pair<const char*, const char*>> right_and_wrong = {
      {KeyType::text, {"\"x\"", "1.5"}},      {KeyType::integer, {"1", "1.5"}},
      {KeyType::number, {"0.5", "\"x\""}},    {KeyType::boolean, {"true", "1.5"}},
      {KeyType::texts, {"[\"x\"]", "1.5"}},   {KeyType::integers, {"[1]", "\"x\""}},
      {KeyType::numbers, {"[0.5]", "\"x\""}}, {KeyType::tables, {"[{}]", "1.5"}},
      {KeyType::table, {"{}", "1.5"}},
  };
  for (const auto& key : schema_keys()) {
    const auto values = right_and_wrong.find(key.type);
    if (values == right_and_wrong.end() || key.table.empty()) continue;
    CAPTURE(key.table);
    CAPTURE(key.name);
    CHECK(findings(key, values->second.second).starts_with("E0106"));
    if (key.choices.empty()) {
      CHECK(findings(key, values->second.first) == "");
      continue;
    }
    std::string expected;
    for (std::size_t at = 0; at < key.choices.size();) {
      const auto end = std::min(key.choices.find(' ', at), key.choices.size());
      const std::string quoted = "\"" + std::string(key.choices.substr(at, end - at)) + "\"";
      CHECK(findings(key, quoted) == "");
      expected += (expected.empty() ? "" : ", ") + quoted;
      at = end + 1;
    }
    CHECK(findings(key, "\"zzz\"").find(expected + ", got") != std::string::npos);
  }
}

TEST_CASE("the schema is JSON and describes every public op") {
  const auto schema = nlohmann::json::parse(json_schema());
  const auto& ops = schema.at("$defs").at("node").at("properties").at("op").at("enum");
  const std::set<std::string> listed(ops.begin(), ops.end());
  for (const auto* op : OpTable().all()) CHECK((listed.count(op->name) == 1) == op->builtin_public);
  CHECK(schema.at("properties").at("head").at("items").at("additionalProperties") == false);
}

}  // namespace
}  // namespace fcngraph
