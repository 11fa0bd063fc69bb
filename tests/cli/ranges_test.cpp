// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "environment_scope.h"
#include "program.h"

namespace fcngraph::testing {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

Outcome track(const Folder& folder) {
  return folder.run({"ranges", graph("tiny/fcn8s.toml"), "--weights", "random", "--batches", "1", "--batch", "2",
                     "--threads", "1", "-o", "ranges.toml"});
}

TEST_CASE("ranges writes what a plan reads, and says what is largest") {
  const Folder folder;
  const auto tracked = track(folder);
  REQUIRE(tracked.code == 0);
  CHECK(has(tracked.out, "2 samples on "));
  CHECK(has(tracked.out, "stay in f32 under --precision f16, which ends at 65504"));
  CHECK(has(tracked.out, "--set compile.ranges=ranges.toml"));
  const std::string text = text_of(folder.path / "ranges.toml");
  CHECK(has(text, "fcngraph_ranges = 1\nmodel = \"fcn8s_tiny\"\n"));
  CHECK(has(text, "\"fc6.dropout\" = "));
  CHECK(folder.run({"plan", graph("tiny/fcn8s.toml"), "--set", "compile.ranges=ranges.toml"}).code == 0);
  CHECK(folder.run({"ranges", graph("tiny/fcn8s.toml"), "--batches", "0"}).code == 2);
}

TEST_CASE("the plan of a backend with f16 names what stays in f32, and mistakes in the file are found where they are") {
  const char* queued = std::getenv("FCNGRAPH_QUEUED");
  if (queued == nullptr || !std::filesystem::exists(queued)) return;
  const EnvironmentScope modules("FCNGRAPH_MODULE_PATH", queued);
  const Folder folder;
  REQUIRE(track(folder).code == 0);
  std::string text = text_of(folder.path / "ranges.toml");
  const auto at = text.find("\"block1_pool\" = ");
  REQUIRE(at != std::string::npos);
  const std::vector<std::string> words = {
      "plan",  graph("tiny/fcn8s.toml"),    "--backend", "cudnn", "--precision", "f16",
      "--set", "compile.ranges=ranges.toml"};
  auto json = words;
  json.emplace_back("--json");
  CHECK(nlohmann::json::parse(folder.run(json).out)["kept_in_f32"].empty());
  text.replace(at, text.find('\n', at) - at, "\"block1_pool\" = 81234.5");
  (void)folder.write("ranges.toml", text);
  const auto plan = folder.run(words);
  REQUIRE(plan.code == 0);
  CHECK(has(
      plan.out,
      "kept in f32, since f16 ends at 65504 and other images reach further:\n  block1_pool: it reached 8.123e+04\n"));
  const auto rows = nlohmann::json::parse(folder.run(json).out)["kept_in_f32"];
  REQUIRE(rows.size() == 1);
  CHECK(rows[0]["value"] == "block1_pool");
  text.replace(at, text.find('\n', at) - at, "\"block1_pool\" = \"large\"");
  (void)folder.write("ranges.toml", text);
  const auto wrong = folder.run(words);
  CHECK(wrong.code == 2);
  CHECK(has(wrong.err, "error[E0106]: 'block1_pool' of [largest]: expected a number"));
  text.erase(at, text.find('\n', at) + 1 - at);
  (void)folder.write("ranges.toml", text);
  const auto stale = folder.run(words);
  CHECK(stale.code == 2);
  CHECK(has(stale.err, "error[E0307]: the file of ranges does not say what 'block1_pool' of this model reach"));
}

}  // namespace
}  // namespace fcngraph::testing
