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
      {"train", "fcngraph = 1\n[train]\nzzz = 1\n"},
      {"train.loss", "fcngraph = 1\n[train]\nloss = { zzz = 1 }\n"},
      {"train.l2", "fcngraph = 1\n[train]\nl2 = [{ zzz = 1 }]\n"},
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
