// SPDX-License-Identifier: Apache-2.0
#include "pipeline_watch.h"

#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include <fcngraph/engine/text.h>

#include "terminal.h"
#include "text_file.h"

namespace fcngraph::cli {
namespace {

constexpr std::string_view kAfter = "after:";

/// A mistake on the command line, where the library would speak of a graph's.
std::string known_pass(const std::string& name) try {
  if (name != kPipelineInput) (void)find_pass(name);
  return name;
} catch (const GraphError& error) {
  throw UsageError(error.what());
}

}  // namespace

std::vector<Option> pipeline_options() {
  return {{"dump-ir", Arity::one, "after:PASS|changed|all", "shows the graph on stderr after passes"},
          {"dump-ir-dir", Arity::one, "DIR", "writes those graphs to files instead"},
          {"time-passes", Arity::flag, "", "shows on stderr how long each pass took"},
          {"disable-pass", Arity::list, "PASS,...", "leaves passes out"},
          {"pass-limit", Arity::one, "N", "leaves out those that can be, once N of them have changed something"}};
}

Option stop_after_option() {
  return {"stop-after", Arity::one, "PASS", "prints the graph as it is then (input: before all)"};
}

PipelineWatch::PipelineWatch(const Arguments& arguments)
    : dump_(arguments.text("dump-ir")), folder_(arguments.text("dump-ir-dir")), times_(arguments.has("time-passes")) {
  if (!folder_.empty() && dump_.empty()) dump_ = "changed";
  if (dump_.starts_with(kAfter)) {
    (void)known_pass(dump_.substr(kAfter.size()));
  } else if (!dump_.empty() && dump_ != "changed" && dump_ != "all") {
    throw UsageError(fmt::format("--dump-ir expects after:PASS, changed or all, got '{}'", dump_));
  }
  for (const auto& name : arguments.list("disable-pass")) options_.disabled.push_back(known_pass(name));
  if (arguments.has("stop-after")) options_.stop_after = known_pass(arguments.text("stop-after"));
  options_.limit = static_cast<int>(arguments.integer("pass-limit", 0, std::numeric_limits<int>::max()).value_or(-1));
  if (!folder_.empty()) std::filesystem::create_directories(folder_);
}

PipelineOptions PipelineWatch::options() {
  PipelineOptions options = options_;
  if (times_ || !dump_.empty())
    options.observer = [this](const PassReport& report, const Graph& graph) { see(report, graph); };
  return options;
}

void PipelineWatch::see(const PassReport& report, const Graph& graph) {
  const bool wanted = dump_ == "all" || dump_ == fmt::format("{}{}", kAfter, report.pass) ||
                      (dump_ == "changed" && (report.changed || report.pass == kPipelineInput));
  if (wanted) dump(report, graph);
  reports_.push_back(report);
}

void PipelineWatch::dump(const PassReport& report, const Graph& graph) const {
  const bool input = report.pass == kPipelineInput;
  const std::string text = fmt::format("# {}{}{}\n{}", input ? "" : "after ", report.pass,
                                       input            ? ""
                                       : report.changed ? ": changed"
                                                        : ": unchanged",
                                       to_text(graph));
  if (folder_.empty()) return say(text);
  const auto name = fmt::format("{:02}.{}.graph", reports_.size(), report.pass);
  write_text_file((std::filesystem::path(folder_) / name).string(), text);
}

void PipelineWatch::finish() const {
  if (!times_) return;
  double total = 0;
  for (const auto& report : reports_) total += report.seconds;
  std::vector<std::vector<std::string>> rows = {{"pass", "ms", "%", "changed"}};
  for (const auto& report : reports_) {
    if (report.pass == kPipelineInput) continue;
    rows.push_back({std::string(report.pass), fmt::format("{:.3f}", report.seconds * 1e3),
                    fmt::format("{:.1f}", total > 0 ? 100 * report.seconds / total : 0.0),
                    report.changed ? "yes" : "no"});
  }
  rows.push_back({"all", fmt::format("{:.3f}", total * 1e3), "100.0", ""});
  say(format_table(rows));
}

}  // namespace fcngraph::cli
