// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/evaluate.h>

#include <nlohmann/json.hpp>

#include <fcngraph/data_source.h>

#include "training/evaluation.h"

namespace fcngraph {

EvalReport evaluate(const Model& model, const Weights& weights, const EvalOptions& options) {
  const auto dataset = open_dataset(model);
  training::ProgramStarter starter(model, *dataset, options.memory_budget > 0 ? "off" : options.cache, weights,
                                   initial_seed(weights, options.seed), options.random_weights);
  const auto running = starter.start({.mode = Mode::eval,
                                      .batch = options.batch,
                                      .height = options.height,
                                      .width = options.width,
                                      .backend = options.backend,
                                      .precision = options.precision,
                                      .threads = options.threads,
                                      .memory_budget = options.memory_budget},
                                     options.split);
  const auto log = [&](const std::string& line) {
    if (options.log && !line.empty()) options.log(line);
  };
  if (!starter.warning().empty()) log("warning: " + starter.warning());
  training::Evaluation evaluation(model, *dataset, *running, options.split);
  if (!weights.names().empty()) log(starter.report(*running).to_text(20));
  EvalReport report = evaluation.run(options.on_batch, options.stop_requested);
  for (const auto& note : starter.take_notes()) log(note);
  return report;
}

std::string to_json(const EvalReport& report) {
  using Json = nlohmann::ordered_json;
  Json heads = Json::object();
  for (const auto& head : report.heads) {
    Json classes = Json::array(), left_out = Json::array(), confusion = Json::array();
    for (std::size_t c = 0; c < head.scores.classes.size(); ++c) {
      const auto& scores = head.scores.classes[c];
      classes.push_back({{"name", report.classes.at(c)},
                         {"iou", scores.iou ? Json(*scores.iou) : Json(nullptr)},
                         {"dice", scores.dice ? Json(*scores.dice) : Json(nullptr)}});
      Json row = Json::array();
      for (std::size_t k = 0; k < head.scores.classes.size(); ++k) {
        row.push_back(head.confusion.at(static_cast<std::int64_t>(c), static_cast<std::int64_t>(k)));
      }
      confusion.push_back(std::move(row));
    }
    for (const auto c : head.scores.left_out) left_out.push_back(report.classes.at(static_cast<std::size_t>(c)));
    heads[head.name] = {{"pixel_accuracy", head.scores.pixel_accuracy},
                        {"mean_accuracy", head.scores.mean_accuracy},
                        {"mean_iou", head.scores.mean_iou},
                        {"fw_iou", head.scores.fw_iou},
                        {"loss", head.loss},
                        {"classes", std::move(classes)},
                        {"left_out", std::move(left_out)},
                        {"confusion", std::move(confusion)}};
  }
  const Json out = {{"heads", std::move(heads)},
                    {"split", report.split},
                    {"samples", report.samples},
                    {"seconds", report.seconds},
                    {"backend", report.backend}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fcngraph
