// SPDX-License-Identifier: Apache-2.0
#include "score_table.h"

#include <fmt/format.h>

#include <fcngraph/engine/diagnostics.h>

#include "terminal.h"

namespace fcngraph::cli {
namespace {

std::string number(double value) { return fmt::format("{:.4f}", value); }
std::string number(const std::optional<double>& value) { return value ? number(*value) : "-"; }

}  // namespace

std::string score_table(const EvalReport& report, const std::optional<BaselineRow>& baseline) {
  if (report.heads.empty()) return {};
  std::vector<std::vector<std::string>> heads = {{"head", "loss", "pixel acc", "mean acc", "mean IoU", "fw IoU"}};
  for (const auto& head : report.heads) {
    const auto& s = head.scores;
    heads.push_back({head.name, number(head.loss), number(s.pixel_accuracy), number(s.mean_accuracy),
                     number(s.mean_iou), number(s.fw_iou)});
  }
  if (baseline)
    heads.push_back({"(colour alone)", "-", number(baseline->accuracy), "-", number(baseline->mean_iou), "-"});
  const std::string whose =
      report.metrics == MetricMode::fcngraph ? std::string() : fmt::format(", {} metrics", name_of(report.metrics));
  std::string out =
      fmt::format("{} samples of split {}{}\n{}\n", report.samples, report.split, whose, format_table(heads));

  const auto& last = report.heads.back();
  std::vector<std::vector<std::string>> classes = {{"class (" + last.name + ")", "IoU", "Dice", "accuracy"}};
  for (std::size_t c = 0; c < last.scores.classes.size(); ++c) {
    const auto& s = last.scores.classes[c];
    if (s.iou) classes.push_back({report.classes.at(c), number(s.iou), number(s.dice), number(s.accuracy)});
  }
  out += format_table(classes);
  std::vector<std::string> left_out;
  for (const auto c : last.scores.left_out) left_out.push_back(report.classes.at(static_cast<std::size_t>(c)));
  if (!left_out.empty())
    out += fmt::format("left out of the means, absent from truth and prediction: {}\n", join(left_out));
  return out;
}

}  // namespace fcngraph::cli
