// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/data_source.h>

#include "command.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string histogram(const Dataset& dataset, const SplitReport& split) {
  std::int64_t all = 0;
  for (const auto n : split.values) all += n;
  std::vector<std::vector<std::string>> rows = {{"label", "means", "pixels", "share"}};
  for (std::size_t value = 0; value < split.values.size(); ++value) {
    const auto pixels = split.values[value];
    const int c = dataset.class_of(static_cast<std::uint8_t>(value));
    const bool is_class = c >= 0 && c != kIgnore;
    if (pixels == 0 && !is_class) continue;
    const auto means = is_class       ? dataset.classes()[static_cast<std::size_t>(c)]
                       : c == kIgnore ? "(ignored)"
                                      : "(out of range)";
    rows.push_back({std::to_string(value), means, std::to_string(pixels),
                    fmt::format("{:.2f} %", 100.0 * static_cast<double>(pixels) /
                                                static_cast<double>(std::max<std::int64_t>(all, 1)))});
  }
  return format_table(rows);
}

Json to_json(const Dataset& dataset, const DatasetReport& report) {
  Json splits = Json::object(), problems = Json::array();
  for (const auto& split : report.splits) {
    Json values = Json::object();
    for (std::size_t v = 0; v < split.values.size(); ++v) {
      if (split.values[v] > 0) values[std::to_string(v)] = split.values[v];
    }
    splits[std::string(name_of(split.split))] = {{"samples", split.samples},
                                                 {"readable", split.readable},
                                                 {"values", std::move(values)},
                                                 {"class_pixels", split.class_pixels},
                                                 {"ignored_pixels", split.ignored_pixels},
                                                 {"damaged", split.damaged},
                                                 {"height", {split.min_height, split.max_height}},
                                                 {"width", {split.min_width, split.max_width}}};
  }
  for (const auto& p : report.problems) {
    problems.push_back({{"split", name_of(p.split)},
                        {"index", p.index},
                        {"file", p.file},
                        {"x", p.x},
                        {"y", p.y},
                        {"value", p.value},
                        {"message", p.message}});
  }
  return {{"name", dataset.name()},
          {"classes", dataset.classes()},
          {"splits", std::move(splits)},
          {"problems", std::move(problems)}};
}

int run(const Arguments& arguments) {
  const auto& specs = arguments.positional();
  if (specs.size() != 1)
    throw UsageError("data check takes one description: a data TOML, or KIND:ROOT such as camvid:DIR");
  const auto dataset = open_dataset(specs[0]);
  const auto report = check_dataset(*dataset);
  for (const auto& problem : report.problems) say(fmt::format("error: {}", problem.message));
  if (arguments.has("json")) {
    print(to_json(*dataset, report).dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
  } else {
    for (const auto& split : report.splits) {
      if (split.samples == 0) continue;
      print(fmt::format("{}: {} samples, {} readable, {}x{} to {}x{} pixels{}\n{}\n", name_of(split.split),
                        split.samples, split.readable, split.min_height, split.min_width, split.max_height,
                        split.max_width, split.damaged > 0 ? fmt::format(", {} damaged", split.damaged) : "",
                        histogram(*dataset, split)));
    }
    print(report.ok() ? "no problems\n" : fmt::format("{} problems\n", report.problems.size()));
  }
  return report.ok() ? kOk : kFailed;
}

}  // namespace

Command data_check_command() {
  return {"data check",
          "looks at every sample of a data set",
          "SPEC",
          {{"json", Arity::flag, "", "as one JSON document"}},
          run};
}

}  // namespace fcngraph::cli
