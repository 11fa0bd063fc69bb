// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include <nlohmann/json.hpp>

#include "environment_scope.h"
#include "program.h"

namespace fcngraph::testing {
namespace {

using Json = nlohmann::json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("a plan is a table of at most 120 columns") {
  const Folder folder;
  for (const char* model : {"tiny/fcn8s.toml", "examples/fcn8s_resnet18.toml", "fcn8s.toml"}) {
    CAPTURE(model);
    const auto plan = folder.run({"plan", graph(model), "--mode", "train", "--batch", "2"});
    REQUIRE(plan.code == 0);
    std::istringstream lines(plan.out);
    for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(line.size() <= 120, line);
    for (const char* part :
         {"--- forward", "--- backward", "--- update", "kernels\nk1", "memory: arena", "GFLOP", "live"})
      CHECK_MESSAGE(has(plan.out, part), part);
  }
}

TEST_CASE("a plan as JSON and as a picture of its memory") {
  const Folder folder;
  const auto plan = folder.run({"plan", graph("tiny/fcn8s.toml"), "--mode", "train", "--json", "--svg", "memory.svg"});
  REQUIRE(plan.code == 0);
  const auto json = Json::parse(plan.out);
  CHECK(json["bytes"]["arena"] >= json["bytes"]["live_peak"]);
  CHECK(json["steps"].size() > 20);
  std::int64_t most = 0;
  for (const auto& step : json["steps"]) most = std::max(most, step["live_bytes"].get<std::int64_t>());
  CHECK(json["bytes"]["live_peak"] == most);
  std::ifstream file(folder.path / "memory.svg");
  const std::string svg(std::istreambuf_iterator<char>(file), {});
  CHECK(svg.starts_with("<svg"));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(has(svg, "<title>block1_pool: "));
  CHECK(folder.run({"plan", graph("tiny/fcn8s.toml"), "--svg", "absent/memory.svg"}).code == 1);
}

TEST_CASE("times are predicted once the machine was measured") {
  const Folder folder;
  const EnvironmentScope cache("XDG_CACHE_HOME", (folder.path / "cache").string());
  const std::vector<std::string> words = {"plan", graph("tiny/fcn8s.toml"), "--mode", "train"};
  auto measured = words, json = words;
  measured.emplace_back("--calibrate");
  json.emplace_back("--json");
  CHECK(has(folder.run(words).out, "fcngraph plan --calibrate"));
  CHECK(Json::parse(folder.run(json).out)["predicted"].is_null());
  CHECK(has(folder.run(measured).out, "s an epoch of 4 batches"));
  const auto predicted = Json::parse(folder.run(json).out)["predicted"];
  CHECK(predicted["batch_s"] > 0);
  CHECK(predicted["epoch_s"] > predicted["batch_s"]);
  // A file that is damaged is as good as none.
  std::ofstream(folder.path / "cache" / "fcngraph" / "calibration.json") << "{\"format_version\": 1, \"entries\": [7";
  CHECK(has(folder.run(words).out, "fcngraph plan --calibrate"));
}

TEST_CASE("a memory budget is a size, and says what it did") {
  const Folder folder;
  const auto with = [&](const std::string& budget) {
    return folder.run({"plan", graph("tiny/fcn8s.toml"), "--mode", "train", "--set", "model.trainable=all", "--backend",
                       "reference", "--json", "--memory-budget", budget});
  };
  for (const char* wrong : {"much", "2 GiB", "-1", "1e9", "0", "1.2.3MiB", "2Gib", "99999999999TiB", "."}) {
    CAPTURE(wrong);
    const auto outcome = with(wrong);
    CHECK(outcome.code == 2);
    CHECK(has(outcome.err, "512MiB, 2GiB"));
  }
  const auto whole = Json::parse(with("1GiB").out);
  CHECK(whole["batch"] == 4);
  CHECK(whole["parts"] == 1);
  const auto all = whole["bytes"]["arena"].get<std::int64_t>() + whole["bytes"]["weights"].get<std::int64_t>();
  const auto less = with(std::to_string(all * 3 / 4));
  REQUIRE(less.code == 0);
  const auto json = Json::parse(less.out);
  CHECK((json["parts"] > 1 || json["recompute"] > 1));
  const auto none = with("1kB");
  CHECK(none.code == 2);
  CHECK(has(none.err, "the least is"));
}

}  // namespace
}  // namespace fcngraph::testing
