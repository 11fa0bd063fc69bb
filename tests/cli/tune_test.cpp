// SPDX-License-Identifier: Apache-2.0
// `fcngraph tune`: what is measured is kept, and chosen by.
#include <doctest/doctest.h>

#include <fstream>

#include <nlohmann/json.hpp>

#include "environment_scope.h"
#include "program.h"

namespace fcngraph::testing {
namespace {

using Json = nlohmann::json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A convolution with a choice of kernels, and one without.
constexpr const char* kModel = R"(
fcngraph = 1
[model]
name = "two"
input = { height = 32, width = 32, preprocess = "none" }
[[node]]
name = "wide"
op = "conv2d"
inputs = ["image"]
filters = 32
kernel = 1
[[node]]
name = "measured"
op = "conv2d"
filters = 32
kernel = 3
padding = "same"
[[head]]
name = "scores"
from = "measured"
)";

/// The program with a table of its own.
struct TableScope : EnvironmentScope {
  explicit TableScope(const std::string& file) : EnvironmentScope("FCNGRAPH_KERNEL_TABLE", file) {}
};

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("what is measured is kept, listed, chosen by, and removed") {
  const Folder folder;
  const TableScope scope((folder.path / "kernels.json").string());
  const std::string model = folder.write("two.toml", kModel);
  const auto tune = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words{"tune", model};
    words.insert(words.end(), more.begin(), more.end());
    return folder.run(words);
  };
  const auto first = tune({"--json", "--threads", "1"});
  if (first.code == 3) return;  // a build without a backend that has a choice
  REQUIRE(first.code == 0);
  const auto report = Json::parse(first.out);
  REQUIRE(report["steps"].size() == 1);
  const auto& step = report["steps"][0];
  CHECK(step["step"] == "measured");
  CHECK(step["kernels"].size() >= 2);
  CHECK(step["kernels"][0]["ms"] > 0);
  CHECK(step["kernels"][0]["ms"] <= step["kernels"][1]["ms"]);
  const auto fastest = step["kernels"][0]["kernel"].get<std::string>();

  CHECK(has(tune({"--threads", "1"}).out, "1 known before (--again measures them anew)"));
  CHECK(has(folder.run({"tune", "--list"}).out, step["key"].get<std::string>()));
  const auto plan = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words{"plan", model, "--threads", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return folder.run(words).out;
  };
  CHECK(has(plan({}), fastest + " (1 step): measured on 20"));
  CHECK_FALSE(has(plan({"--set", "compile.kernels=estimate"}), "measured on"));
  CHECK_FALSE(has(plan({"--set", "compile.exact=true"}), "measured on"));
  CHECK_FALSE(has(plan({"--batch", "2"}), "measured on"));

  // The slower one, as if it were the faster: another choice, and nothing else.
  auto table = Json::parse(read(folder.path / "kernels.json"));
  const std::string other = step["kernels"][1]["choice"];
  for (auto& machine : table["machines"]) {
    for (auto& row : machine) row["kernels"][other]["ms"] = 1e-9;
  }
  folder.write("kernels.json", table.dump());
  CHECK(has(plan({}), step["kernels"][1]["kernel"].get<std::string>() + " (1 step): measured on 20"));
  CHECK(has(plan({}), ": 1e-09 ms, "));

  folder.write("kernels.json", table.dump().substr(0, 100));
  CHECK_FALSE(has(plan({}), "measured on"));
  CHECK(folder.run({"tune", "--list"}).code == 1);
  const auto anew = tune({"--threads", "1"});
  CHECK(has(anew.err, "warning: "));
  CHECK(has(anew.err, "is no whole table of kernels"));
  CHECK(has(plan({}), "measured on 20"));
  CHECK(folder.run({"tune", "--clear"}).code == 0);
  CHECK_FALSE(has(plan({}), "measured on"));
  CHECK(has(folder.run({"tune", "--clear"}).out, "nothing was measured"));
}

TEST_CASE("there has to be a model, a place and a choice") {
  const Folder folder;
  const std::string model = folder.write("two.toml", kModel);
  {
    const TableScope scope((folder.path / "kernels.json").string());
    CHECK(folder.run({"tune"}).code == 2);
    CHECK(folder.run({"tune", "--list", model}).code == 2);
    CHECK(folder.run({"tune", "--list", "--clear"}).code == 2);
    const auto reference = folder.run({"tune", model, "--backend", "reference"});
    CHECK(reference.code == 3);
    CHECK(has(reference.err, "there is nothing to measure"));
  }
  const TableScope scope("off");
  const auto off = folder.run({"tune", model});
  CHECK(off.code == 2);
  CHECK(has(off.err, "FCNGRAPH_KERNEL_TABLE is 'off'"));
}

}  // namespace
}  // namespace fcngraph::testing
