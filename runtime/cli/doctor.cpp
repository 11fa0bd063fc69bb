// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fcngraph/doctor.h>
#include <fcngraph/engine/diagnostics.h>

#include "command.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string text_of(const Finding& finding) {
  const std::string when = finding.step > 0 ? fmt::format("step {}: ", finding.step) : std::string();
  std::string out =
      fmt::format("{}{} ({})\n  {}\n", when, finding.alarm ? "alarm" : "note", name_of(finding.sign), finding.message);
  if (!finding.mend.empty()) out += fmt::format("  mended by: {}\n", finding.mend);
  return out;
}

std::string vitals(const DoctorReport& report) {
  std::vector<std::vector<std::string>> rows = {
      {"head", "p(true) < 1e-7", "loss / (1 - acc)", "logit range", "feature RMS", "never predicted"}};
  for (const auto& head : report.heads) {
    std::string rms = "-";
    for (const auto& [name, value] : report.tap_rms) {
      if (name == head.name) rms = fmt::format("{:.3g}", value);
    }
    rows.push_back({head.name, percent(head.saturated_share), fmt::format("{:.2f}", head.loss_over_error),
                    fmt::format("{:.1f}", head.logit_range), rms,
                    head.never_predicted.empty() ? "-" : join(head.never_predicted)});
  }
  const std::string halvings =
      report.loss_scale_halvings ? fmt::format("; loss scale halved: {}", *report.loss_scale_halvings) : std::string();
  return format_table(rows) +
         fmt::format("gradients that are 0: {}; dead ReLU channels: {}; steps skipped: {}{}; waiting for data: {}\n",
                     percent(report.zero_gradient_share), percent(report.dead_channel_share), report.skipped_steps,
                     halvings, percent(report.data_wait_share));
}

std::string text_of(const DoctorReport& report, const std::string& run) {
  std::string out;
  if (report.mode.empty()) {
    out = fmt::format("{}: no doctor.json (train.doctor = \"off\"), so its history alone is looked at\n\n", run);
  } else {
    out = fmt::format("{}: {} steps, doctor = \"{}\", which took {} of the time; last window:\n\n{}\n", run,
                      report.steps, report.mode, percent(report.cost_share), vitals(report));
  }
  int alarms = 0;
  for (const auto& finding : report.findings) {
    out += text_of(finding) + '\n';
    alarms += finding.alarm ? 1 : 0;
  }
  return out + (alarms > 0 ? fmt::format("{} alarm{}\n", alarms, alarms == 1 ? "" : "s") : "no alarm\n");
}

int run(const Arguments& arguments) {
  const auto& runs = arguments.positional();
  if (runs.size() != 1) throw UsageError("doctor takes one run's folder: fcngraph doctor RUN");
  const auto report = examine_run(runs[0]);
  print(arguments.has("json") ? to_json(report) + '\n' : text_of(report, runs[0]));
  return kOk;
}

}  // namespace

Command doctor_command() {
  return {"doctor",
          "explains what went wrong in a run, and what mends it",
          "RUN",
          {{"json", Arity::flag, "", "as one JSON document"}},
          run};
}

}  // namespace fcngraph::cli
