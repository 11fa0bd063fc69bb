// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/engine/error.h>
#include <fcngraph/tuning.h>

#include "command.h"
#include "interrupt.h"
#include "plan_options.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

using Json = nlohmann::ordered_json;

std::vector<Option> options() {
  auto all = plan_options();
  all.push_back({"again", Arity::flag, "", "measures what was measured before, too"});
  all.push_back({"list", Arity::flag, "", "shows what was measured, instead"});
  all.push_back({"clear", Arity::flag, "", "removes what was measured, instead"});
  all.push_back({"json", Arity::flag, "", "one JSON document"});
  return all;
}

std::string json_text(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n'; }

std::filesystem::path table_file() {
  auto file = kernel_table_file();
  if (file.empty()) throw UsageError("FCNGRAPH_KERNEL_TABLE is 'off': there is no file for what is measured");
  return file;
}

/// What a run costs: where weights train, they are packed each time.
double ms_of(const TunedStep& step, const KernelTime& time) {
  return 1e3 * (time.seconds + (step.trains ? time.pack_seconds : 0));
}

bool is_expected(const TunedStep& step) { return step.kernels.front().choice == step.expected; }

std::string table_of(const TuneReport& report) {
  std::vector<std::vector<std::string>> rows = {{"step", "fastest", "ms", "others", ""}};
  for (const auto& step : report.steps) {
    std::string others;
    for (std::size_t i = 1; i < step.kernels.size(); ++i) {
      const auto& kernel = step.kernels[i];
      others += fmt::format("{}{:.3g} {}", i > 1 ? ", " : "", ms_of(step, kernel.time), kernel.choice);
    }
    const auto& best = step.kernels.front();
    rows.push_back({step.name, best.name, fmt::format("{:.3g}", ms_of(step, best.time)), std::move(others),
                    is_expected(step) ? "" : fmt::format("expected {}", step.expected)});
  }
  return format_columns(rows);
}

std::string summary(const TuneReport& report, const std::filesystem::path& file) {
  const auto right = std::count_if(report.steps.begin(), report.steps.end(), is_expected);
  std::string out;
  if (!report.steps.empty()) {
    out = fmt::format("{} measured in {:.0f} s, the kernel that was expected is the fastest of {}; ",
                      report.steps.size(), report.seconds, right);
  }
  if (report.known > 0) out += fmt::format("{} known before (--again measures them anew); ", report.known);
  if (out.empty()) out = "no step has a choice of kernels; ";
  return out + fmt::format("kept in {} for {}\n", file.string(), report.machine);
}

Json in_json(const TunedStep& step) {
  Json kernels = Json::array();
  for (const auto& kernel : step.kernels) {
    kernels.push_back({{"choice", kernel.choice},
                       {"kernel", kernel.name},
                       {"ms", kernel.time.seconds * 1e3},
                       {"pack_ms", kernel.time.pack_seconds * 1e3}});
  }
  return {{"step", step.name},
          {"key", step.key},
          {"trains", step.trains},
          {"expected", step.expected},
          {"kernels", std::move(kernels)}};
}

int list(const Arguments& arguments) {
  const auto table = read_kernel_table(table_file());
  if (arguments.has("json")) {
    Json machines = Json::object();
    for (const auto& [machine, times] : table) {
      Json steps = Json::object();
      for (const auto& [key, step] : times.steps) {
        Json kernels = Json::object();
        for (const auto& [choice, time] : step.kernels)
          kernels[choice] = {{"ms", time.seconds * 1e3}, {"pack_ms", time.pack_seconds * 1e3}};
        steps[key] = {{"measured", step.date}, {"kernels", std::move(kernels)}};
      }
      machines[machine] = std::move(steps);
    }
    print(json_text(machines));
    return kOk;
  }
  for (const auto& [machine, times] : table) {
    std::vector<std::vector<std::string>> rows = {{"measured", "ms, and to pack weights", "step"}};
    for (const auto& [key, step] : times.steps) {
      std::string kernels;
      for (const auto& [choice, time] : step.kernels) {
        kernels += fmt::format("{}{} {:.3g}", kernels.empty() ? "" : ", ", choice, time.seconds * 1e3);
        if (time.pack_seconds > 0) kernels += fmt::format("+{:.3g}", time.pack_seconds * 1e3);
      }
      rows.push_back({step.date, std::move(kernels), key});
    }
    print(fmt::format("{}\n{}\n", machine, format_columns(rows)));
  }
  if (table.empty()) print("nothing was measured\n");
  return kOk;
}

int clear() {
  const auto file = table_file();
  print(clear_kernel_table(file) ? fmt::format("{} removed\n", file.string()) : "nothing was measured\n");
  return kOk;
}

int run(const Arguments& arguments) {
  if (arguments.has("list") && arguments.has("clear")) throw UsageError("--list and --clear exclude each other");
  if (arguments.has("list") || arguments.has("clear")) {
    if (!arguments.positional().empty())
      throw UsageError(fmt::format("--{} expects no model", arguments.has("list") ? "list" : "clear"));
    return arguments.has("list") ? list(arguments) : clear();
  }
  const auto file = table_file();
  const auto model = plan_model(arguments);
  try {
    (void)read_kernel_table(file);
  } catch (const IoError& damaged) {
    say(fmt::format("warning: {}: what is damaged is measured anew", damaged.what()));
  }
  TuneOptions tuning;
  tuning.compile = compile_options(arguments);
  tuning.again = arguments.has("again");
  tuning.stop_requested = interrupted;
  tuning.progress = [](const TunedStep& step, std::size_t done, std::size_t of) {
    draw_bar(static_cast<double>(done) / static_cast<double>(of), step.name);
  };
  const auto report = tune(model, tuning, file);
  wipe_bar();
  if (arguments.has("json")) {
    Json steps = Json::array();
    for (const auto& step : report.steps) steps.push_back(in_json(step));
    print(json_text({{"machine", report.machine},
                     {"file", file.string()},
                     {"known", report.known},
                     {"seconds", report.seconds},
                     {"steps", std::move(steps)}}));
  } else {
    print((report.steps.empty() ? std::string() : table_of(report) + "\n") + summary(report, file));
  }
  return interrupted() ? kInterrupted : kOk;
}

}  // namespace

Command tune_command() {
  return {"tune", "times the kernels of a model on this machine, for later runs to choose by", "GRAPH.toml", options(),
          run};
}

}  // namespace fcngraph::cli
