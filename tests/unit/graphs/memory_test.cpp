// SPDX-License-Identifier: Apache-2.0
// What memory plans promise, on every graph of the project. Compiled only; nothing runs.
#include <fcngraph/engine/compiler.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "available_backends.h"
#include "load_graph.h"

namespace fcngraph {
namespace {

/// Files below graphs/ that are models, relative to it.
std::vector<std::string> every_model() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test::graphs_folder())) {
    if (entry.path().extension() != ".toml") continue;
    std::ifstream file(entry.path());
    const std::string text(std::istreambuf_iterator<char>(file), {});
    if (text.find("[[head]]") != std::string::npos)
      files.push_back(std::filesystem::relative(entry.path(), test::graphs_folder()).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

struct Scheduled {
  Plan plan;
  std::int64_t written_peak = 0;  ///< of the order before order_steps
};

Scheduled schedule(const dsl::ModelSpec& spec, Mode mode, const Backend& backend) {
  const OpTable ops;
  CompilerOptions options;
  options.context.mode = mode;
  options.context.backend = &backend;
  options.context.ops = &ops;
  options.context.optimizer = dsl::optimizer_options(spec.train);
  Scheduled out;
  std::int64_t peak = 0;
  options.pipeline.observer = [&](const PassReport& report, const Graph& graph) {
    if (report.pass == "order_steps") {
      out.written_peak = peak;
    } else {
      peak = live_peak_of(graph);
    }
  };
  out.plan = compile(test::build(spec, {.mode = mode, .batch = 2, .classes = 5}), options);
  return out;
}

void check(const Scheduled& scheduled) {
  const Plan& plan = scheduled.plan;
  CHECK(plan.live_peak_bytes <= scheduled.written_peak);
  CHECK(plan.arena_bytes >= plan.live_peak_bytes);
  CHECK(static_cast<double>(plan.arena_bytes) <= 1.05 * static_cast<double>(plan.live_peak_bytes));
  CHECK(plan.live_bytes.size() == plan.steps.size());
  if (std::getenv("FCNGRAPH_SHOW_MEMORY") != nullptr) {
    MESSAGE(plan.steps.size() << " steps, written " << scheduled.written_peak << ", live " << plan.live_peak_bytes
                              << ", arena " << plan.arena_bytes << " = "
                              << static_cast<double>(plan.arena_bytes) / static_cast<double>(plan.live_peak_bytes));
  }
}

TEST_CASE("on every graph the arena is at most 1.05 of what lives together, and that at most as written") {
  const auto models = every_model();
  REQUIRE(models.size() >= 10);
  for (const Backend* backend : testing::available_backends()) {
    for (const std::string& file : models) {
      for (const Mode mode : {Mode::infer, Mode::eval, Mode::train}) {
        INFO(file << " on " << backend->name() << ", mode " << static_cast<int>(mode));
        check(schedule(test::load_spec(file), mode, *backend));
      }
      INFO(file << " on " << backend->name() << ", fully trainable");
      check(schedule(test::load_spec(file, {"model.trainable=all"}), Mode::train, *backend));
    }
  }
}

}  // namespace
}  // namespace fcngraph
