// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include <fcngraph/benchmark.h>
#include <fcngraph/engine/types.h>

#include "command.h"
#include "interrupt.h"
#include "run_options.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

/// "as direct" is what a direct convolution would have to reach for the same time; "of peak" is of what was really computed.
std::string profile(const BenchReport& report) {
  StepTime all{.name = "all steps"};
  for (const auto& row : report.profile) {
    all.seconds += row.seconds;
    all.flops += row.flops;
    all.operations += row.operations;
    all.bytes += row.bytes;
  }
  const bool peak_known = report.peak_flops > 0;
  std::vector<std::vector<std::string>> rows = {{"step", "op", "kernel", "ms", "%", "GFLOP/s", "as direct", "GB/s"}};
  if (peak_known) rows.front().insert(rows.front().end() - 2, "of peak");
  const auto add = [&](const StepTime& row) {
    const double seconds = std::max(row.seconds, 1e-12);
    rows.push_back({row.name, row.op, row.kernel, fmt::format("{:.3f}", 1e3 * row.seconds),
                    fmt::format("{:.1f}", 100 * row.seconds / std::max(all.seconds, 1e-12)),
                    fmt::format("{:.1f}", row.operations / seconds / 1e9),
                    fmt::format("{:.1f}", row.flops / seconds / 1e9),
                    fmt::format("{:.1f}", row.bytes / seconds / 1e9)});
    if (!peak_known) return;
    auto& cells = rows.back();
    cells.insert(cells.end() - 2, fmt::format("{:.0f} %", 100 * row.operations / seconds / report.peak_flops));
  };
  for (const auto& row : report.profile) add(row);
  add(all);
  std::string out = format_table(rows);
  if (peak_known)
    out += fmt::format("\npeak of f32 multiply-adds, measured: {:.1f} GFLOP/s\n", report.peak_flops / 1e9);
  return out;
}

std::string summary(const BenchReport& report, const std::string& versus) {
  std::string out = fmt::format(
      "batch {}: median {:.3f} ms, min {:.3f} ms, {:.2f} images/s, {:.1f} GFLOP/s, {} peak, {} {} over {} runs\n",
      report.batch, 1e3 * report.median_s, 1e3 * report.min_s, report.images_per_s, report.gflop / report.median_s,
      human_bytes(report.peak_bytes), report.backend, report.precision, report.seconds.size());
  if (report.predicted_s) {
    out += fmt::format("predicted {:.3f} ms: {:.2f} of what was measured\n", 1e3 * *report.predicted_s,
                       *report.predicted_s / report.median_s);
  }
  if (report.versus) {
    out += fmt::format("versus {}: median {:.3f} ms, ratio {:.3f}\n", versus, 1e3 * report.versus->median_s,
                       report.versus->ratio_median);
  }
  return report.profile.empty() ? out : out + '\n' + profile(report);
}

}  // namespace

int run_bench(const Arguments& arguments) {
  const auto target = choose_target(arguments);
  const auto size = choose_size(arguments);
  if (size.native)
    throw UsageError("--size native goes with --mode infer only: a benchmark has no image to take it from");
  const auto load = load_options(arguments, false);
  const auto model = load_model(arguments, load);
  const auto weights = choose_weights(arguments, model);
  BenchOptions options;
  const auto step = arguments.text("step", "infer");
  options.mode = step == "infer" ? Mode::infer : Mode::train;
  options.behind_cut = step == "cached";
  options.batch = arguments.integer("batch", 1, 1 << 20).value_or(1);
  options.iterations = arguments.integer("iterations", 1, 1'000'000).value_or(10);
  options.height = size.height;
  options.width = size.width;
  options.backend = target.backend;
  options.precision = target.precision;
  options.threads = target.threads;
  options.memory_budget = choose_memory_budget(arguments);
  options.heads = arguments.list("heads");
  options.seed = static_cast<std::uint64_t>(arguments.integer("seed", 0, INT64_MAX).value_or(0));
  options.profile = arguments.has("profile");
  options.stop_requested = interrupted;
  const auto versus = arguments.text("versus");
  std::optional<Model> other;
  if (!versus.empty()) {
    auto changed = load;
    changed.set.push_back(versus);
    other = load_model(arguments, changed);
  }
  const auto report = benchmark(model, weights.weights, options, other ? &*other : nullptr);
  if (interrupted()) return kInterrupted;
  if (!arguments.has("json")) say(fmt::format("{} ({})", report.backend, report.backend_reason));
  print(arguments.has("json") ? to_json(report) + '\n' : summary(report, versus));
  return kOk;
}

}  // namespace fcngraph::cli
