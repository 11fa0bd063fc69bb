// SPDX-License-Identifier: Apache-2.0
#include "training/progress_state.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/engine/error.h>

namespace fcngraph::training {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kEntry = "training";

HeadTally tally_from(const Json& json, const HeadTally& like) {
  HeadTally tally(json.at("name").get<std::string>(), like.confusion.classes());
  if (tally.name != like.name) throw GraphError(fmt::format("head '{}', expected '{}'", tally.name, like.name));
  tally.loss_sum = json.at("loss_sum").get<double>();
  tally.loss_count = json.at("loss_count").get<double>();
  tally.confusion = ConfusionMatrix(like.confusion.classes(), json.at("confusion").get<std::vector<std::int64_t>>());
  if (json.contains("fractional"))
    tally.fractional.emplace(like.confusion.classes(), json.at("fractional").get<std::vector<std::int64_t>>());
  return tally;
}

Json position(const std::map<std::string, std::string>& metadata, const std::string& path) {
  const auto found = metadata.find(kEntry);
  if (found == metadata.end()) throw IoError(path, "is not a checkpoint to resume from: it holds no position");
  return Json::parse(found->second);
}

}  // namespace

void ProgressState::write(std::map<std::string, std::string>& metadata) const {
  Json heads = Json::array();
  for (const auto& tally : tallies) {
    // Doubles are written with every digit, so that they come back as they were.
    heads.push_back({{"name", tally.name},
                     {"loss_sum", tally.loss_sum},
                     {"loss_count", tally.loss_count},
                     {"confusion", tally.confusion.counts()}});
    if (tally.fractional) heads.back()["fractional"] = tally.fractional->counts();
  }
  Json json = {{"stage", stage},
               {"stage_step", stage_step},
               {"stage_skipped", stage_skipped},
               {"skipped", skipped},
               {"epoch", epoch},
               {"batch", batch},
               {"step", step},
               {"seconds", seconds},
               {"waited", waited},
               {"best", best ? Json(*best) : Json(nullptr)},
               {"cache_hits", cache_hits},
               {"heads", std::move(heads)},
               {"learnt", learnt}};
  if (loss_scale) {
    const auto& state = loss_scale->state();
    json["loss_scale"] = {{"scale", state.scale}, {"finite_steps", state.finite_steps}, {"halvings", state.halvings}};
  }
  metadata[kEntry] = json.dump();
}

std::size_t ProgressState::stage_of(const std::map<std::string, std::string>& metadata, const std::string& path) try {
  return position(metadata, path).value("stage", std::size_t{0});
} catch (const nlohmann::json::exception& error) {
  throw IoError(path, fmt::format("position of the checkpoint is damaged: {}", error.what()));
}

void ProgressState::read(const std::map<std::string, std::string>& metadata, const std::string& path) try {
  const Json json = position(metadata, path);
  epoch = json.at("epoch").get<std::int64_t>();
  batch = json.at("batch").get<std::int64_t>();
  step = json.at("step").get<std::int64_t>();
  // Checkpoints of before there were stages lack these.
  stage = json.value("stage", std::size_t{0});
  stage_step = json.value("stage_step", step);
  learnt = json.value("learnt", std::vector<std::string>());
  // Nor did those of before count these.
  stage_skipped = json.value("stage_skipped", std::int64_t{0});
  skipped = json.value("skipped", std::int64_t{0});
  if (epoch < 0 || batch < 0 || step < 0 || stage_step < 0 || skipped < 0 || stage_skipped < 0 ||
      stage_skipped > stage_step)
    throw IoError(path, "position of the checkpoint is damaged: it counts below 0, or more than there is");
  seconds = json.at("seconds").get<double>();
  waited = json.at("waited").get<double>();
  cache_hits = json.value("cache_hits", std::int64_t{0});  // checkpoints of before lack it
  best.reset();
  if (!json.at("best").is_null()) best = json.at("best").get<double>();
  if (loss_scale) {
    const Json& scale = json.at("loss_scale");
    loss_scale->restore({scale.at("scale").get<double>(), scale.at("finite_steps").get<std::int64_t>(),
                         scale.at("halvings").get<std::int64_t>()});
  }
  const Json& heads = json.at("heads");
  if (heads.size() != tallies.size()) {
    throw IoError(path, fmt::format("checkpoint has {} heads, expected {}", heads.size(), tallies.size()));
  }
  for (std::size_t i = 0; i < tallies.size(); ++i) tallies[i] = tally_from(heads.at(i), tallies[i]);
} catch (const nlohmann::json::exception& error) {
  throw IoError(path, fmt::format("position of the checkpoint is damaged: {}", error.what()));
} catch (const GraphError& error) {
  throw IoError(path, fmt::format("position of the checkpoint does not fit: {}", error.what()));
}

}  // namespace fcngraph::training
