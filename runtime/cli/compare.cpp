// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include <fcngraph/compare.h>

#include "command.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

/// Runs of different backbones differ in hundreds of keys; the first say enough.
constexpr std::size_t kMostSettings = 20;

std::string number(const std::optional<double>& value) { return value ? fmt::format("{:.4f}", *value) : "-"; }
std::string signed_number(double value) { return fmt::format("{:+.4f}", value); }

std::string text_of(const HeadComparison& head) {
  const auto name = head.head_a == head.head_b ? head.head_a : head.head_a + " and " + head.head_b;
  std::string out = fmt::format("{}: mean IoU {:.4f} and {:.4f}, {:+.4f}\n", name, head.a, head.b, head.a - head.b);
  std::vector<std::vector<std::string>> rows = {{"cause", "A", "B", "A - B"}};
  for (const auto& term : head.terms) {
    rows.push_back({term.cause, signed_number(term.a), signed_number(term.b), signed_number(term.difference())});
  }
  rows.push_back({"mean IoU", number(head.a), number(head.b), signed_number(head.a - head.b)});
  out += format_table(rows);
  rows = {{"class, all else alike", "A", "B", "A - B"}};
  for (const auto& row : head.classes)
    rows.push_back({row.name, number(row.a), number(row.b), row.a && row.b ? signed_number(*row.a - *row.b) : "-"});
  out += format_table(rows);
  if (head.pixels_a != head.pixels_b) {
    out += fmt::format(
        "A scores {} pixels, B {}: where border or padding is ignored in one and counts as a class in the other "
        "(data.ignore, data.resize), part of 'predictions' is that; `run --mode eval` on the same data tells\n",
        head.pixels_a, head.pixels_b);
  }
  return out + '\n';
}

std::string text_of(const RunComparison& c) {
  std::string out =
      fmt::format("A: {} ({} validation, {} metrics)\nB: {} ({} validation, {} metrics)\n\n", c.run_a.string(),
                  c.scores_a, name_of(c.metrics_a), c.run_b.string(), c.scores_b, name_of(c.metrics_b));
  for (const auto& head : c.heads) out += text_of(head);
  if (c.settings.empty()) return out + "both were given the same model, data and training\n";
  std::vector<std::vector<std::string>> rows = {{"key", "A", "B"}};
  for (std::size_t i = 0; i < std::min(kMostSettings, c.settings.size()); ++i) {
    const auto& s = c.settings[i];
    rows.push_back({s.key, s.a.empty() ? "-" : s.a, s.b.empty() ? "-" : s.b});
  }
  out += format_columns(rows);
  if (c.settings.size() > kMostSettings) out += fmt::format("and {} more\n", c.settings.size() - kMostSettings);
  return out;
}

int run(const Arguments& arguments) {
  const auto& runs = arguments.positional();
  if (runs.size() != 2) throw UsageError("compare takes two runs' folders: fcngraph compare RUN RUN");
  const auto comparison = compare_runs(runs[0], runs[1]);
  print(arguments.has("json") ? to_json(comparison) + '\n' : text_of(comparison));
  return kOk;
}

}  // namespace

Command compare_command() {
  return {"compare",
          "explains the difference of two runs' mean IoU, cause by cause",
          "RUN RUN",
          {{"json", Arity::flag, "", "as one JSON document"}},
          run};
}

}  // namespace fcngraph::cli
