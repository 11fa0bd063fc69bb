// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/engine/error.h>
#include <fcngraph/evaluate.h>

namespace fcngraph {
namespace {

using Json = nlohmann::ordered_json;

Json number(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json rows_of(const ConfusionMatrix& matrix) {
  Json rows = Json::array();
  for (std::int64_t t = 0; t < matrix.classes(); ++t) {
    Json row = Json::array();
    for (std::int64_t p = 0; p < matrix.classes(); ++p) row.push_back(matrix.at(t, p));
    rows.push_back(std::move(row));
  }
  return rows;
}

ConfusionMatrix matrix_from(const Json& rows) {
  std::vector<std::int64_t> counts;
  for (const auto& row : rows) {
    if (row.size() != rows.size()) throw GraphError("confusion matrix is not square");
    for (const auto& count : row) counts.push_back(count.get<std::int64_t>());
  }
  return {static_cast<std::int64_t>(rows.size()), std::move(counts)};
}

Json json_of(const HeadReport& head, const std::vector<std::string>& names) {
  Json classes = Json::array(), left_out = Json::array();
  for (std::size_t c = 0; c < head.scores.classes.size(); ++c) {
    const auto& scores = head.scores.classes[c];
    classes.push_back({{"name", names.at(c)}, {"iou", number(scores.iou)}, {"dice", number(scores.dice)}});
  }
  for (const auto c : head.scores.left_out) left_out.push_back(names.at(static_cast<std::size_t>(c)));
  Json out = {{"pixel_accuracy", head.scores.pixel_accuracy},
              {"mean_accuracy", head.scores.mean_accuracy},
              {"mean_iou", head.scores.mean_iou},
              {"fw_iou", head.scores.fw_iou},
              {"loss", head.loss},
              {"classes", std::move(classes)},
              {"left_out", std::move(left_out)},
              {"confusion", rows_of(head.confusion)}};
  if (head.fractional) out["fractional"] = rows_of(*head.fractional);
  return out;
}

}  // namespace

std::string to_json(const EvalReport& report) {
  Json heads = Json::object();
  for (const auto& head : report.heads) heads[head.name] = json_of(head, report.classes);
  const Json out = {{"heads", std::move(heads)}, {"split", report.split},     {"samples", report.samples},
                    {"seconds", report.seconds}, {"backend", report.backend}, {"metrics", name_of(report.metrics)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

EvalReport eval_report_from_json(std::string_view text) try {
  const Json json = Json::parse(text);
  EvalReport report;
  report.split = json.at("split").get<std::string>();
  report.samples = json.at("samples").get<std::int64_t>();
  report.seconds = json.at("seconds").get<double>();
  report.backend = json.at("backend").get<std::string>();
  const auto mode = json.at("metrics").get<std::string>();
  const auto metrics = metric_mode_from(mode);
  if (!metrics) throw GraphError(fmt::format("there are no metrics '{}'", mode));
  report.metrics = *metrics;
  for (const auto& [name, head] : json.at("heads").items()) {
    std::vector<std::string> classes;
    for (const auto& row : head.at("classes")) classes.push_back(row.at("name").get<std::string>());
    HeadReport read{name, 0, matrix_from(head.at("confusion")), {}, {}};
    // A loss that ran away is written as null, since JSON has no infinity.
    if (head.at("loss").is_number()) read.loss = head.at("loss").get<double>();
    if (head.contains("fractional")) read.fractional = matrix_from(head.at("fractional"));
    if (static_cast<std::int64_t>(classes.size()) != read.confusion.classes())
      throw GraphError("confusion matrix and classes have different sizes");
    read.scores = read.confusion.scores(report.metrics, read.fractional ? &*read.fractional : nullptr);
    report.classes = std::move(classes);
    report.heads.push_back(std::move(read));
  }
  return report;
} catch (const nlohmann::json::exception& error) {
  throw GraphError(fmt::format("scores are damaged: {}", error.what()));
}

}  // namespace fcngraph
