// SPDX-License-Identifier: Apache-2.0
#include "training/history.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/engine/error.h>

#include "atomic_file.h"

namespace fcngraph {
namespace {

using Json = nlohmann::ordered_json;

Json number(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

std::optional<double> optional_number(const Json& value) {
  if (value.is_null()) return std::nullopt;
  return value.get<double>();
}

std::string cell(const std::optional<double>& value) { return value ? fmt::format("{:.9g}", *value) : std::string(); }

/// What a row says of a head; empty cells where its stage lacks it.
std::string cells(const EpochRecord& row, const std::string& name) {
  for (const auto& [known, head] : row.heads) {
    if (known != name) continue;
    return fmt::format(",{},{},{},{},{},{}", cell(head.loss), cell(head.accuracy), cell(head.mean_iou),
                       cell(head.val_loss), cell(head.val_accuracy), cell(head.val_mean_iou));
  }
  return ",,,,,,";
}

}  // namespace

std::string to_json(const EpochRecord& record) {
  Json heads = Json::object();
  for (const auto& [name, head] : record.heads) {
    heads[name] = {{"loss", head.loss},
                   {"accuracy", head.accuracy},
                   {"mean_iou", head.mean_iou},
                   {"val_loss", number(head.val_loss)},
                   {"val_accuracy", number(head.val_accuracy)},
                   {"val_mean_iou", number(head.val_mean_iou)}};
  }
  Json row = {{"epoch", record.epoch}};
  if (!record.stage.empty()) row["stage"] = record.stage;
  row["seconds"] = record.seconds;
  row["val_seconds"] = record.val_seconds;
  row["data_wait_share"] = record.data_wait_share;
  row["cache_hits"] = record.cache_hits;
  row["skipped_steps"] = record.skipped_steps;
  if (record.loss_scale) row["loss_scale"] = *record.loss_scale;
  row["heads"] = std::move(heads);
  return row.dump();
}

EpochRecord epoch_record_from_json(std::string_view text) try {
  const Json row = Json::parse(text);
  EpochRecord record;
  record.epoch = row.at("epoch").get<std::int64_t>();
  record.stage = row.value("stage", std::string());
  record.seconds = row.at("seconds").get<double>();
  record.val_seconds = row.at("val_seconds").get<double>();
  record.data_wait_share = row.at("data_wait_share").get<double>();
  record.cache_hits = row.at("cache_hits").get<std::int64_t>();
  record.skipped_steps = row.value("skipped_steps", std::int64_t{0});  // rows of before lack it
  if (row.contains("loss_scale")) record.loss_scale = row.at("loss_scale").get<double>();
  for (const auto& [name, head] : row.at("heads").items()) {
    // A loss that ran away is written as null, since JSON has no infinity.
    const auto plain = [&head = head](const char* key) { return optional_number(head.at(key)).value_or(0.0); };
    record.heads.emplace_back(
        name, HeadEpoch{plain("loss"), plain("accuracy"), plain("mean_iou"), optional_number(head.at("val_loss")),
                        optional_number(head.at("val_accuracy")), optional_number(head.at("val_mean_iou"))});
  }
  return record;
} catch (const nlohmann::json::exception& error) {
  throw GraphError(fmt::format("row of the history is damaged: {}", error.what()));
}

namespace training {

std::string to_csv(const std::vector<EpochRecord>& rows) {
  static constexpr const char* kColumns[] = {"loss",     "accuracy",     "mean_iou",
                                             "val_loss", "val_accuracy", "val_mean_iou"};
  const bool staged = std::any_of(rows.begin(), rows.end(), [](const auto& row) { return !row.stage.empty(); });
  // Each stage has heads of its own.
  std::vector<std::string> names;
  for (const auto& row : rows) {
    for (const auto& [name, head] : row.heads) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::string out = staged ? "epoch,stage" : "epoch";
  const bool scaled = std::any_of(rows.begin(), rows.end(), [](const auto& row) { return row.loss_scale.has_value(); });
  out += ",seconds,val_seconds,data_wait_share,cache_hits,skipped_steps";
  if (scaled) out += ",loss_scale";
  for (const auto& name : names) {
    for (const char* column : kColumns) out += fmt::format(",{}.{}", name, column);
  }
  out += '\n';
  for (const auto& row : rows) {
    out += std::to_string(row.epoch) + (staged ? "," + row.stage : "");
    out += fmt::format(",{:.6f},{:.6f},{:.6f},{},{}", row.seconds, row.val_seconds, row.data_wait_share, row.cache_hits,
                       row.skipped_steps);
    if (scaled) out += "," + cell(row.loss_scale);
    for (const auto& name : names) out += cells(row, name);
    out += '\n';
  }
  return out;
}

void History::restore(std::int64_t epochs) {
  const auto path = folder_ / "history.jsonl";
  std::ifstream file(path);
  rows_.clear();
  for (std::string line; static_cast<std::int64_t>(rows_.size()) < epochs && std::getline(file, line);) {
    try {
      rows_.push_back(epoch_record_from_json(line));
    } catch (const GraphError& error) {
      throw IoError(path.string(), fmt::format("line {}: {}", rows_.size() + 1, error.what()));
    }
  }
  if (static_cast<std::int64_t>(rows_.size()) < epochs) {
    throw IoError(path.string(),
                  fmt::format("has {} rows, the checkpoint was written after epoch {}", rows_.size(), epochs));
  }
}

void History::add(EpochRecord record) {
  rows_.push_back(std::move(record));
  write();
}

void History::write() const {
  std::string lines;
  for (const auto& row : rows_) lines += to_json(row) + '\n';
  write_file((folder_ / "history.jsonl").string(), lines);
  write_file((folder_ / "history.csv").string(), to_csv(rows_));
}

}  // namespace training
}  // namespace fcngraph
