// SPDX-License-Identifier: Apache-2.0
// docs/compiler.md shows what the compiler does. Each block behind a line
//
//     <!-- dump: mode=train pass=differentiate show=diff match=*fcn32s* -->
//
// is made anew from graphs/fcn8s.toml and compared. `pass` is a pass, "input" or "plan"; `show` is "graph" (the default: what is there
// after the pass) or "diff" (what it has changed); `match` keeps the lines that fit one of some globs, separated by "|".
#include <doctest/doctest.h>

#include <map>
#include <sstream>

#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/text.h>

#include "../unit/graphs/load_graph.h"
#include "golden.h"
#include "null_backend.h"

namespace fcngraph::testing {
namespace {

constexpr std::string_view kMarker = "<!-- dump: ";
constexpr std::string_view kFence = "```";

/// What the compiler makes of fcn8s, stage by stage: the name of the stage and the text.
std::vector<std::pair<std::string, std::string>> stages_of(Mode mode) {
  NullBackend backend;
  backend.layouts = {{"conv2d", "blocked"}, {"max_pool2d", "blocked"}, {"scale", "blocked"}};
  backend.weight_layouts = {{"conv2d", "packed"}};
  const OpTable ops;
  const auto spec = test::load_spec("fcn8s.toml");
  std::vector<std::pair<std::string, std::string>> stages;
  CompilerOptions options;
  options.context = {.mode = mode, .backend = &backend, .ops = &ops, .optimizer = dsl::optimizer_options(spec.train)};
  options.pipeline.observer = [&](const PassReport& report, const Graph& graph) {
    stages.emplace_back(std::string(report.pass), to_text(graph));
  };
  const std::int64_t batch = mode == Mode::train ? *spec.train.batch : 1;
  const std::vector<std::string> heads =
      mode == Mode::infer ? std::vector<std::string>{"fcn8s"} : std::vector<std::string>{};
  const Plan plan = compile(test::build(spec, {.mode = mode, .batch = batch, .classes = 4, .heads = heads}), options);
  stages.emplace_back("plan", to_text(plan));
  return stages;
}

/// Keeps the lines that fit one of the globs; "..." stands for those between.
std::string matching_lines(const std::string& text, const std::string& globs) {
  std::istringstream lines(text);
  std::string out;
  bool gap = false;
  for (std::string line; std::getline(lines, line);) {
    bool fits = false;
    std::istringstream alternatives(globs);
    for (std::string glob; std::getline(alternatives, glob, '|');) fits = fits || glob_match(glob, line);
    if (fits && gap) out += "  ...\n";
    if (fits) out += line + "\n";
    gap = !fits;
  }
  return gap ? out + "  ...\n" : out;
}

std::string dump_of(const std::string& marker) {
  std::map<std::string, std::string> keys{{"mode", "infer"}, {"show", "graph"}};
  std::istringstream words(marker);
  for (std::string word; words >> word && word != "-->";)
    keys[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  static std::map<std::string, std::vector<std::pair<std::string, std::string>>> known;
  auto& stages = known[keys["mode"]];
  if (stages.empty()) stages = stages_of(keys["mode"] == "train" ? Mode::train : Mode::infer);
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].first != keys["pass"]) continue;
    std::string text = stages[i].second;
    if (keys["show"] == "diff") {
      text = unified_diff(stages[i - 1].second, text, keys["pass"]);
      // Line numbers would change with every graph.
      std::istringstream lines(text);
      std::string kept;
      for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("---") || line.starts_with("+++")) continue;
        kept += (line.starts_with("@@") ? "..." : line) + "\n";
      }
      text = kept;
    }
    return keys["match"].empty() ? text : matching_lines(text, keys["match"]);
  }
  FAIL_CHECK("docs/compiler.md asks for a pass that the pipeline lacks: " << keys["pass"]);
  return {};
}

TEST_CASE("docs/compiler.md shows what the compiler does") {
  const auto path = source_dir() / "docs" / "compiler.md";
  std::istringstream lines(read_text(path));
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    out += line + "\n";
    if (!line.starts_with(kMarker)) continue;
    const std::string marker = line.substr(kMarker.size());
    std::getline(lines, line);
    REQUIRE_MESSAGE(line.starts_with(kFence), "a block is expected behind: " << marker);
    out += line + "\n" + dump_of(marker);
    while (std::getline(lines, line) && !line.starts_with(kFence)) {
    }
    out += line + "\n";
  }
  CHECK_EQ(compare_golden(path, out), "");
}

TEST_CASE("docs/compiler.md speaks of every pass") {
  const std::string text = read_text(source_dir() / "docs" / "compiler.md");
  for (const Pass& pass : builtin_passes()) {
    const std::string name = "`" + std::string(pass.name) + "`";
    CHECK_MESSAGE(text.find(name) != std::string::npos, "docs/compiler.md says nothing of " << name);
  }
}

}  // namespace
}  // namespace fcngraph::testing
