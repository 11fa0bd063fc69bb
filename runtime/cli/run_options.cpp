// SPDX-License-Identifier: Apache-2.0
#include "run_options.h"

#include <charconv>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include "terminal.h"

namespace fcngraph::cli {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();

std::int64_t extent(const std::string& text, const std::string& all) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stopped != end || value < 1 || value > kMost) {
    throw UsageError(fmt::format("--size expects HEIGHTxWIDTH in pixels, such as 224x224, or native, got '{}'", all));
  }
  return value;
}

}  // namespace

WeightsChoice choose_weights(const Arguments& arguments, const Model& model) {
  WeightsChoice choice;
  const auto what = arguments.text("weights");
  if (what == "random") {
    choice.random = true;
  } else if (!what.empty()) {
    choice.weights = Weights::load(what);
  } else if (!arguments.has("resume")) {
    choice.weights = model.pretrained();
  }
  const auto& metadata = choice.weights.metadata();
  if (const auto published = metadata.find("published"); published != metadata.end())
    say(fmt::format("{}: {}", choice.weights.source(), published->second));
  return choice;
}

LoadOptions load_options(const Arguments& arguments, bool train_keys) {
  LoadOptions options;
  options.set = arguments.list("set");
  if (arguments.has("data")) options.data = arguments.text("data");
  if (!train_keys) return options;
  const auto as_key = [&](const char* option, const char* key, std::int64_t low, std::int64_t high) {
    if (const auto value = arguments.integer(option, low, high))
      options.set.push_back(fmt::format("{}={}", key, *value));
  };
  as_key("epochs", "train.epochs", 0, kMost);
  as_key("batch", "train.batch", 1, kMost);
  as_key("seed", "train.seed", 0, std::numeric_limits<std::int64_t>::max());
  return options;
}

Model load_model(const Arguments& arguments, const LoadOptions& options) {
  const auto& files = arguments.positional();
  if (files.size() > 1) throw UsageError(fmt::format("'{}' is one file too many: run takes one model", files[1]));
  if (!files.empty()) return Model::load(files[0], options);
  for (const char* option : {"resume", "weights"}) {
    const auto graph = std::filesystem::path(arguments.text(option)) / "graph.toml";
    if (arguments.has(option) && std::filesystem::exists(graph)) return Model::load(graph, options);
  }
  throw UsageError("run lacks the model: fcngraph run GRAPH.toml --mode train|eval|infer|bench");
}

SizeChoice choose_size(const Arguments& arguments) {
  SizeChoice choice;
  const auto text = arguments.text("size");
  if (text.empty()) return choice;
  if (text == "native") {
    choice.native = true;
    return choice;
  }
  const auto cross = text.find('x');
  choice.height = extent(text.substr(0, cross), text);
  choice.width = extent(cross == std::string::npos ? std::string() : text.substr(cross + 1), text);
  return choice;
}

TargetChoice choose_target(const Arguments& arguments) {
  TargetChoice target;
  target.backend = arguments.text("backend", "auto");
  target.precision = arguments.text("precision", "f32");
  if (target.precision != "f32")
    throw UsageError(fmt::format("precision '{}' is not there yet, expected f32", target.precision));
  target.threads = static_cast<int>(arguments.integer("threads", 1, 4096).value_or(0));
  return target;
}

}  // namespace fcngraph::cli
