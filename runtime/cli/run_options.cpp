// SPDX-License-Identifier: Apache-2.0
#include "run_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <fcngraph/engine/diagnostics.h>

#include "terminal.h"

namespace fcngraph::cli {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();

constexpr std::array<std::pair<std::string_view, double>, 10> kUnits{{{"", 1},
                                                                      {"B", 1},
                                                                      {"KiB", 0x1p10},
                                                                      {"MiB", 0x1p20},
                                                                      {"GiB", 0x1p30},
                                                                      {"TiB", 0x1p40},
                                                                      {"kB", 1e3},
                                                                      {"MB", 1e6},
                                                                      {"GB", 1e9},
                                                                      {"TB", 1e12}}};

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

std::string choose_cache(const Arguments& arguments) {
  static const std::array<std::string, 2> words{"off", "memory"};
  auto choice = arguments.text("cache", "memory");
  if (choice == words[0] || choice == words[1] || choice.find('/') != std::string::npos) return choice;
  if (const auto hint = did_you_mean(choice, words); !hint.empty() && !std::filesystem::exists(choice))
    throw UsageError(fmt::format("--cache '{}': {}; a folder of that name is './{}'", choice, hint, choice));
  return choice;
}

TargetChoice choose_target(const Arguments& arguments) {
  TargetChoice target;
  target.backend = arguments.text("backend", "auto");
  target.precision = arguments.text("precision", "f32");
  target.threads = static_cast<int>(arguments.integer("threads", 1, 4096).value_or(0));
  return target;
}

std::int64_t choose_memory_budget(const Arguments& arguments) {
  if (!arguments.has("memory-budget")) return 0;
  const auto text = arguments.text("memory-budget");
  const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto unit = text.substr(digits);
  for (const auto& [name, size] : kUnits) {
    if (unit != name) continue;
    char* stopped = nullptr;
    const double bytes = std::strtod(text.c_str(), &stopped) * size;
    // Above 2^53 a double no longer counts bytes; no machine has so many.
    if (stopped != text.c_str() + digits || digits == 0 || !(bytes >= 1 && bytes <= 9e15)) break;
    return static_cast<std::int64_t>(bytes);
  }
  throw UsageError(
      fmt::format("--memory-budget expects a size such as 512MiB, 2GiB, 1.5GB or a number of bytes, got '{}'", text));
}

}  // namespace fcngraph::cli
