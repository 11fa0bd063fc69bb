// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/doctor.h>
#include <fcngraph/engine/error.h>

#include "training/doctor_rules.h"
#include "training/run_folder.h"

namespace fcngraph {
namespace {

using Json = nlohmann::ordered_json;

// The bands are those of the rules while training; means over an epoch are steadier than those of a window.
using training::kLeastError, training::kMostWaiting, training::kStuckHigh, training::kStuckLow;
constexpr std::int64_t kStuckEpochs = 2;
constexpr double kLeastSeconds = 5.0;

/// What an epoch's row shows without any record of the doctor's own.
class HistoryReader {
 public:
  explicit HistoryReader(DoctorReport& report) : report_(report) {}

  void read(const Json& row) {
    epoch_ = row.at("epoch").get<std::int64_t>();
    const double waiting = row.at("data_wait_share").get<double>(), seconds = row.at("seconds").get<double>();
    if (waiting >= kMostWaiting && seconds >= kLeastSeconds) {
      add({Sign::data_wait,
           true,
           {},
           0,
           waiting,
           fmt::format("{:.1f} % of the time of epoch {} went into waiting for data", 100 * waiting, epoch_),
           "--threads N, or --cache DIR, which keeps what was decoded for later runs"});
    }
    read_skipped(row);
    for (const auto& [name, head] : row.at("heads").items()) read_head(name, head);
  }

 private:
  void read_skipped(const Json& row) {
    const auto skipped = row.value("skipped_steps", std::int64_t{0});
    report_.skipped_steps += skipped;
    const bool scaled = row.contains("loss_scale");
    // A dynamic scale may cost some steps while it finds its place.
    if (skipped == 0 || (scaled && skipped <= training::kMostHalvings)) return;
    add({scaled ? Sign::loss_scale : Sign::not_finite,
         true,
         {},
         0,
         static_cast<double>(skipped),
         fmt::format("steps skipped in epoch {}, since their gradient is not finite: {}", epoch_, skipped),
         scaled ? "train.loss_scale = \"off\", or a smaller one"
                : "train.clip_norm = 1, or a lower train.optimizer.lr"});
  }

  void read_head(const std::string& name, const Json& head) {
    const Json& loss = head.at("loss");
    if (!loss.is_number()) {
      add({Sign::not_finite, true, name, 0, 0,
           fmt::format("head '{}': its loss is not finite in epoch {}", name, epoch_), "train.optimizer.lr"});
      return;
    }
    const double error = 1 - head.at("accuracy").get<double>();
    const double ratio = error >= kLeastError ? loss.get<double>() / error : 0.0;
    std::int64_t& stuck = stuck_[name];
    stuck = ratio >= kStuckLow && ratio <= kStuckHigh ? stuck + 1 : 0;
    // A loss that falls may pass through the band.
    if (stuck < kStuckEpochs) return;
    add({Sign::loss_over_error, true, name, 0, ratio,
         fmt::format(
             "head '{}': loss / (1 - accuracy) is {:.1f} in epoch {}, the cap of -ln(1e-7) is 16.1: what is wrong "
             "is as wrong as can be",
             name, ratio, epoch_),
         fmt::format("train.loss.on = \"logits\" and head.{}.scale = \"auto\"", name)});
  }

  void add(Finding finding) {
    const auto same = [&](const Finding& f) { return f.sign == finding.sign && f.where == finding.where; };
    if (std::none_of(report_.findings.begin(), report_.findings.end(), same))
      report_.findings.push_back(std::move(finding));
  }

  DoctorReport& report_;
  std::int64_t epoch_ = 0;
  std::map<std::string, std::int64_t> stuck_;  ///< epochs on end, by head
};

}  // namespace

DoctorReport examine_run(const std::filesystem::path& run) {
  const auto folder = training::RunFolder::open(run);
  // Who was there has seen more than the means of an epoch show.
  if (auto record = folder.read_doctor()) return *record;
  DoctorReport report;
  const auto path = run / "history.jsonl";
  std::ifstream file(path);
  HistoryReader history(report);
  std::int64_t rows = 0;
  for (std::string line; std::getline(file, line);) {
    ++rows;
    try {
      history.read(Json::parse(line));
    } catch (const nlohmann::json::exception& error) {
      throw IoError(path.string(), fmt::format("line {} is damaged: {}", rows, error.what()));
    }
  }
  return report;
}

}  // namespace fcngraph
