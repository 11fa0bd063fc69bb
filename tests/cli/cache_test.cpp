// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>

#include "program.h"

namespace fcngraph::testing {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Outcome train(const Folder& folder, const std::string& out, const std::vector<std::string>& more) {
  std::vector<std::string> words = {"run",       graph("tiny/fcn8s.toml"),
                                    "--mode",    "train",
                                    "--backend", "reference",
                                    "--threads", "1",
                                    "--out",     out,
                                    "--set",     "data.images=4",
                                    "--set",     "data.val_images=2",
                                    "--epochs",  "2",
                                    "--json"};
  words.insert(words.end(), more.begin(), more.end());
  return folder.run(words);
}

TEST_CASE("train --cache DIR fills a cache that list, verify and clear know, and the next run hits") {
  const Folder folder;
  const auto first = train(folder, "a", {"--cache", "features"});
  CAPTURE(first.err);
  REQUIRE(first.code == 0);
  CHECK(has(first.err, "kept of each sample: block3_pool, block4_pool, fc6"));
  CHECK(Json::parse(first.out)[1]["cache_hits"] == 4);
  const auto count = [&] {
    const fs::recursive_directory_iterator all(folder.path / "features"), end;
    return std::count_if(all, end, [](const fs::directory_entry& entry) { return entry.is_regular_file(); });
  };
  CHECK(count() == 24);
  const auto second = train(folder, "b", {"--cache", "features", "--set", "train.optimizer.lr=0.01"});
  CHECK(Json::parse(second.out)[0]["cache_hits"] == 4);
  CHECK(count() == 24);

  const auto list = folder.run({"cache", "list", "features", "--json"});
  REQUIRE(list.code == 0);
  const auto groups = Json::parse(list.out);
  // Three values of four training samples, three of two validation samples, whose last one is fc7; labels of all.
  std::map<std::string, int> entries;
  for (const auto& group : groups) entries[group["what"]] = group["entries"];
  CHECK(entries ==
        std::map<std::string, int>{{"block3_pool", 6}, {"block4_pool", 6}, {"fc6", 4}, {"fc7", 2}, {"labels", 6}});
  CHECK(has(folder.run({"cache", "list", "features"}).out, "24 entries"));

  CHECK(folder.run({"cache", "verify", "features"}).code == 0);
  for (const auto& entry : fs::recursive_directory_iterator(folder.path / "features")) {
    if (!entry.is_regular_file()) continue;
    fs::resize_file(entry.path(), entry.file_size() - 1);
    break;
  }
  const auto damaged = folder.run({"cache", "verify", "features"});
  CHECK(damaged.code == 1);
  CHECK(has(damaged.err, "is cut short"));
  CHECK(has(damaged.out, "1 to be computed again"));

  const auto clear = folder.run({"cache", "clear", "features"});
  CHECK(clear.code == 0);
  CHECK(has(clear.out, "24 entries removed"));
  CHECK(has(folder.run({"cache", "list", "features"}).out, "0 entries"));
}

TEST_CASE("train --cache off keeps nothing; eval takes a folder too") {
  const Folder folder;
  const auto off = train(folder, "a", {"--cache", "off"});
  REQUIRE(off.code == 0);
  CHECK(Json::parse(off.out)[1]["cache_hits"] == 0);
  CHECK_FALSE(has(off.err, "kept of each sample"));
  const std::vector<std::string> words = {
      "run",   graph("tiny/fcn8s.toml"), "--mode", "eval", "--backend", "reference", "--weights", "a", "--json",
      "--set", "data.val_images=2"};
  const auto without = folder.run(words);
  auto cached = words;
  cached.insert(cached.end(), {"--cache", "features"});
  const auto filled = folder.run(cached), read = folder.run(cached);
  REQUIRE(without.code == 0);
  CHECK(Json::parse(without.out)["heads"] == Json::parse(filled.out)["heads"]);
  CHECK(Json::parse(without.out)["heads"] == Json::parse(read.out)["heads"]);
  CHECK(fs::is_directory(folder.path / "features"));
}

TEST_CASE("a cache folder that cannot be made is a warning; one that is not there cannot be listed") {
  const Folder folder;
  std::ofstream(folder.path / "file") << "no folder";
  const auto run = train(folder, "a", {"--cache", "file/cache"});
  CHECK(run.code == 0);
  CHECK(has(run.err, "warning: cache folder 'file/cache' cannot be made"));
  CHECK(Json::parse(run.out)[1]["cache_hits"] == 4);
  const auto typo = train(folder, "b", {"--cache", "memmory"});
  CHECK(typo.code == 2);
  CHECK(has(typo.err, "did you mean 'memory'?"));
  CHECK(folder.run({"cache", "list", "absent"}).code == 1);
  CHECK(folder.run({"cache", "list"}).code == 2);
  CHECK(folder.run({"cache", "shrink", "x"}).code == 2);
  CHECK(folder.run({"cache"}).code == 2);
}

TEST_CASE("the plan says what is kept, and why not more") {
  const Folder folder;
  const auto plan = folder.run({"plan", graph("tiny/fcn8s.toml"), "--mode", "train", "--backend", "reference"});
  REQUIRE(plan.code == 0);
  CHECK(has(plan.out, "frontier: "));
  CHECK(has(plan.out, "dropout 'fc6.dropout' draws anew each time"));
  CHECK_FALSE(has(folder.run({"plan", graph("tiny/fcn8s.toml"), "--backend", "reference"}).out, "frontier: "));
}

}  // namespace
}  // namespace fcngraph::testing
