// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/ranges.h>

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "command.h"
#include "interrupt.h"
#include "run_options.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

constexpr std::size_t kShown = 8;

/// Those that stay in f32, or else the largest.
std::string table_of(const TrackedRanges& ranges) {
  std::vector<std::pair<std::string, ValueRange>> order(ranges.values.begin(), ranges.values.end());
  const auto wide = std::count_if(order.begin(), order.end(), [](const auto& entry) { return !entry.second.fits(); });
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    if (a.second.fits() != b.second.fits()) return b.second.fits();
    return a.second.largest > b.second.largest;
  });
  std::vector<std::vector<std::string>> rows = {{"value", "largest", "not finite", "f16"}};
  const std::size_t shown = std::min(order.size(), std::max(kShown, static_cast<std::size_t>(wide)));
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [name, range] = order[i];
    rows.push_back({name, fmt::format("{:.4g}", range.largest), fmt::format("{}", range.not_finite),
                    range.fits() ? "fits" : "stays in f32"});
  }
  return fmt::format("{} samples on {}: {} of {} values stay in f32 under --precision f16, which ends at {:.0f}\n",
                     ranges.samples, ranges.backend, wide, order.size(), ValueRange::kLargest) +
         format_table(rows, 1);
}

int run(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("expected one model: GRAPH.toml");
  const auto size = choose_size(arguments);
  if (size.native) throw UsageError("--size expects HEIGHTxWIDTH: a batch has one size");
  auto loading = load_options(arguments, false);
  // The file that is to be made is not there yet.
  loading.set.emplace_back("compile.ranges=\"\"");
  const auto model = Model::load(arguments.positional()[0], loading);
  const auto weights = choose_weights(arguments, model);
  const auto target = choose_target(arguments);
  RangeOptions options;
  options.backend = target.backend;
  options.threads = target.threads;
  options.batch = arguments.integer("batch", 1, 1 << 20).value_or(0);
  options.batches = arguments.integer("batches", 1, 1 << 20).value_or(options.batches);
  options.height = size.height;
  options.width = size.width;
  options.seed = static_cast<std::uint64_t>(arguments.integer("seed", 0, INT64_MAX).value_or(0));
  options.random_weights = weights.random;
  options.on_batch = [](std::int64_t batch, std::int64_t batches) {
    draw_bar(static_cast<double>(batch) / static_cast<double>(batches), fmt::format("{}/{}", batch, batches));
  };
  options.stop_requested = interrupted;
  const auto ranges = track_ranges(model, weights.weights, options);
  wipe_bar();
  if (interrupted()) return kInterrupted;
  const auto path = arguments.text("out", model.name() + "-ranges.toml");
  ranges.save(path);
  print(table_of(ranges) + fmt::format("written to {}: --set compile.ranges={} reads it\n", path, path));
  return kOk;
}

}  // namespace

Command ranges_command() {
  return {"ranges",
          "sees what each value of a model reaches in f32, so that --precision f16 can leave out what would overflow",
          "GRAPH.toml",
          {{"data", Arity::one, "SPEC", "a data TOML, or KIND:ROOT, instead of the model's"},
           {"weights", Arity::one, "FILE|RUN|random", "instead of the model's own"},
           {"out", Arity::one, "FILE", "where the ranges go; NAME-ranges.toml without it", {}, {}, 'o'},
           {"batches", Arity::one, "N", "of the training split, at random; 4 by default"},
           {"batch", Arity::one, "N", "images at a time"},
           {"size", Arity::one, "HxW", "of the input"},
           {"backend", Arity::one, "NAME", "auto (default), reference, onednn, cudnn"},
           {"threads", Arity::one, "N", "as many as the machine has"},
           {"seed", Arity::one, "N", "of the choice of samples, and of what the weights lack"},
           {"set", Arity::repeated, "A.B.C=VALUE", "changes any key of the model"}},
          run};
}

}  // namespace fcngraph::cli
