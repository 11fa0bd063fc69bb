// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fcngraph/trainer.h>

#include "command.h"
#include "interrupt.h"
#include "run_options.h"
#include "score_table.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

std::string epoch_of(std::int64_t epoch, std::int64_t epochs, const std::string& stage) {
  return fmt::format("epoch {}/{}{}", epoch, epochs, stage.empty() ? stage : " (" + stage + ")");
}

void show_step(const StepProgress& p) {
  const double share = static_cast<double>(p.batch) / static_cast<double>(p.batches);
  draw_bar(share, fmt::format("{}  {}/{}  loss {:.4f}  {:.1f} img/s  {} left  data wait {:.0f} %",
                              epoch_of(p.epoch, p.epochs, p.stage), p.batch, p.batches, p.loss, p.images_per_s,
                              format_duration(p.remaining_s), 100 * p.data_wait_share));
}

void show_epoch(const EpochRecord& row, const StepProgress& at) {
  std::string line = epoch_of(row.epoch, at.epochs, row.stage);
  for (const auto& [name, head] : row.heads) {
    line += fmt::format("  {} {:.4f}", name, head.loss);
    if (head.val_mean_iou) line += fmt::format(" (val {:.4f}, IoU {:.4f})", *head.val_loss, *head.val_mean_iou);
  }
  const std::string skipped = row.skipped_steps > 0 ? fmt::format("  {} skipped", row.skipped_steps) : std::string();
  const std::string scale = row.loss_scale ? fmt::format("  loss scale {}", *row.loss_scale) : std::string();
  const std::string hits = row.cache_hits > 0 ? fmt::format("  {} cached", row.cache_hits) : std::string();
  say(fmt::format("{}  {:.1f} s + {:.1f} s  {:.1f} img/s{}{}{}  data wait {:.0f} %  {} left", line, row.seconds,
                  row.val_seconds, at.images_per_s, hits, skipped, scale, 100 * row.data_wait_share,
                  format_duration(at.remaining_s)));
}

TrainerOptions trainer_options(const Arguments& arguments) {
  TrainerOptions options;
  options.out = arguments.text("out");
  options.resume = arguments.text("resume");
  if (arguments.has("resume") && arguments.has("out"))
    throw UsageError("--resume goes on in the run's own folder, --out cannot be given as well");
  if (arguments.has("resume") && arguments.has("weights")) {
    throw UsageError("--resume goes on from the run's own checkpoint, --weights cannot be given as well");
  }
  const auto size = choose_size(arguments);
  if (size.native) throw UsageError("--size native goes with --mode infer only: a batch has one size");
  options.height = size.height;
  options.width = size.width;
  const auto target = choose_target(arguments);
  options.backend = target.backend;
  options.precision = target.precision;
  options.threads = target.threads;
  options.memory_budget = choose_memory_budget(arguments);
  options.cache = choose_cache(arguments);
  options.metrics = metric_mode_from(arguments.text("metrics"));
  return options;
}

std::string history_json(const std::vector<EpochRecord>& history) {
  std::string out = "[";
  for (const auto& row : history) out += (out.size() > 1 ? ",\n " : "") + to_json(row);
  return out + "]\n";
}

/// Nothing where every step has changed something.
void show_skipped(const std::vector<EpochRecord>& history) {
  std::int64_t skipped = 0, epochs = 0;
  for (const auto& row : history) {
    skipped += row.skipped_steps;
    epochs += row.skipped_steps > 0 ? 1 : 0;
  }
  if (skipped == 0) return;
  say(fmt::format("steps skipped, since their gradient is not finite: {} (in {} of {} epochs)", skipped, epochs,
                  history.size()));
}

/// A run that goes on is its own model; a file given beside it must be of the same name.
Model model_of(const Arguments& arguments) {
  const auto options = load_options(arguments, true);
  if (!arguments.has("resume")) return load_model(arguments, options);
  const auto graph = std::filesystem::path(arguments.text("resume")) / "graph.toml";
  if (!std::filesystem::exists(graph))
    throw UsageError(fmt::format("'{}' is not a run's folder: it has no graph.toml", arguments.text("resume")));
  const auto model = Model::load(graph, options);
  if (!arguments.positional().empty()) {
    const auto given = load_model(arguments, options);
    if (given.name() != model.name()) {
      throw UsageError(
          fmt::format("run '{}' trains model '{}', not '{}'", arguments.text("resume"), model.name(), given.name()));
    }
  }
  return model;
}

}  // namespace

int run_train(const Arguments& arguments) {
  auto options = trainer_options(arguments);
  const auto model = model_of(arguments);
  auto weights = choose_weights(arguments, model);
  options.weights = std::move(weights.weights);
  options.random_weights = weights.random;
  StepProgress at;
  at.epochs = 0;
  options.log = [](std::string_view line) { say(line); };
  options.on_step = [&](const StepProgress& progress) {
    at = progress;
    show_step(progress);
  };
  options.on_epoch = [&](const EpochRecord& row) { show_epoch(row, at); };
  options.stop_requested = interrupted;
  const auto result = Trainer(model, std::move(options)).run();
  wipe_bar();
  if (arguments.has("json")) print(history_json(result.history));
  show_skipped(result.history);
  if (result.interrupted) {
    say(fmt::format("interrupted; go on with: fcngraph run --mode train --resume {}", result.folder.string()));
    return kInterrupted;
  }
  if (!result.stopped.empty()) {
    say(fmt::format("error: stopped by the doctor: {}", result.stopped));
    say(fmt::format("go on all the same with: fcngraph run --mode train --resume {}", result.folder.string()));
    return kFailed;
  }
  if (!arguments.has("json")) {
    std::optional<BaselineRow> baseline;
    if (result.baseline_mean_iou)
      baseline = BaselineRow{result.baseline_accuracy.value_or(0), *result.baseline_mean_iou};
    print(score_table(result.validation, baseline));
    print(fmt::format("run: {}\n", result.folder.string()));
  } else {
    say(fmt::format("run: {}", result.folder.string()));
  }
  return kOk;
}

}  // namespace fcngraph::cli
