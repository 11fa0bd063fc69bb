// SPDX-License-Identifier: Apache-2.0
#include "pass_case.h"

#include <array>
#include <sstream>
#include <stdexcept>

#include <fcngraph/engine/pass.h>
#include <fcngraph/engine/text.h>

#include "golden.h"

namespace fcngraph::testing {
namespace {

constexpr std::string_view kSeparator = "----\n";
constexpr std::array kModes{"infer", "eval", "train"};

void read_option(PassCase& given, const std::string& key, std::istringstream& value) {
  std::string first, word;
  value >> first;
  if (key == "mode") {
    for (std::size_t m = 0; m < kModes.size(); ++m) {
      if (first == kModes[m]) given.mode = static_cast<Mode>(m);
    }
  } else if (key == "refuse") {
    NullBackend::Refusal refusal{first, {}};
    while (value >> word) refusal.attrs[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
    given.backend.refusals.push_back(std::move(refusal));
  } else if (key == "precision") {
    given.precision = precision_policy(dtype_from(first).value());
  } else if (key == "layout") {
    value >> given.backend.layouts[first];
  } else if (key == "parts") {
    given.parts = std::stoll(first);
  } else if (key == "scale_loss") {
    given.scale_loss = first == "true";
  } else if (key == "recompute") {
    given.recompute = std::stoi(first);
  } else if (key == "weight_layout") {
    value >> given.backend.weight_layouts[first];
  } else if (key == "workspace") {
    value >> given.backend.workspaces[first];
  } else {
    throw std::runtime_error("a case has no option '" + key + "'");
  }
}

}  // namespace

PassCase read_pass_case(const std::filesystem::path& path) {
  PassCase given;
  given.pass = path.parent_path().filename().string();
  const std::string text = read_text(path);
  const auto at = text.find(kSeparator);
  given.input = text.substr(0, at);
  if (at != std::string::npos) given.expected = text.substr(at + kSeparator.size());
  std::istringstream lines(given.input);
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(": ");
    const bool option = line.starts_with("# ") && colon != std::string::npos && line.find(' ', 2) > colon;
    if (!option) continue;
    std::istringstream value(line.substr(colon + 2));
    read_option(given, line.substr(2, colon - 2), value);
  }
  return given;
}

std::string run_pass_case(const PassCase& given) {
  const OpTable ops;
  Diagnostics diagnostics;
  auto graph = parse_graph(given.input, "case.graph", ops, diagnostics);
  if (!graph) throw std::runtime_error("the case is no graph:\n" + render(diagnostics.all()));
  verify(*graph, "parsing");
  PassContext context;
  context.mode = given.mode;
  context.backend = &given.backend;
  context.ops = &ops;
  context.optimizer.scale_loss = given.scale_loss;
  context.precision = given.precision;
  context.parts = given.parts;
  context.recompute = given.recompute;
  PipelineOptions options;
  options.check_honesty = true;
  bool changed = false;
  options.observer = [&](const PassReport& report, const Graph&) { changed = report.changed; };
  try {
    PassPipeline({find_pass(given.pass)}).run(*graph, context, options);
  } catch (const GraphError& error) {
    return std::string(error.what()) + "\n";
  }
  return changed ? to_text(*graph) : "unchanged\n";
}

std::string write_pass_case(const PassCase& given, const std::string& result) {
  return given.input + std::string(kSeparator) + result;
}

}  // namespace fcngraph::testing
