// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/calibration.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/plan.h>
#include <fcngraph/environment.h>
#include <fcngraph/model.h>

#include "atomic_file.h"
#include "user_cache.h"

namespace fcngraph {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr int kFormatVersion = 1;
constexpr double kSecondsEach = 0.05;

/// A convolution of ordinary shape whose tensors stay in cache.
constexpr const char* kCompute = R"(
fcngraph = 1
[model]
name = "calibrate_compute"
input = { height = 28, width = 28, preprocess = "none" }
[[node]]
name = "wide"
op = "conv2d"
inputs = ["image"]
filters = 64
kernel = 1
[[node]]
name = "measured"
op = "conv2d"
filters = 64
kernel = 3
padding = "same"
[[head]]
name = "scores"
from = "measured"
)";

/// A sum of two tensors of 48 MB: more than a cache holds, and hardly any arithmetic.
constexpr const char* kTraffic = R"(
fcngraph = 1
[model]
name = "calibrate_traffic"
input = { height = 2000, width = 2000, preprocess = "none" }
[[node]]
name = "one"
op = "relu"
inputs = ["image"]
[[node]]
name = "measured"
op = "add"
inputs = ["one", "image"]
[[head]]
name = "scores"
from = "measured"
)";

/// The fastest run of the step called "measured".
StepTime measure(const char* text, const std::string& backend, int threads) {
  const auto model = Model::parse(text, ".");
  const auto program =
      model.compile({.mode = Mode::infer, .backend = backend, .threads = threads, .fetch = {"measured"}});
  auto session = program.open();
  const auto& plan = program.plan();
  std::map<std::string, Tensor> inputs;
  for (const auto& [name, slot] : plan.inputs) inputs.emplace(name, Tensor::zeros(plan.slots[slot].type));
  StepTime best;
  const auto start = Clock::now();
  while (best.name.empty() || std::chrono::duration<double>(Clock::now() - start).count() < kSecondsEach) {
    for (const auto& step : session.profile(inputs)) {
      if (step.name == "measured" && (best.name.empty() || step.seconds < best.seconds)) best = step;
    }
    if (best.name.empty()) throw InternalError("the step to measure is not in its plan");
  }
  best.seconds = std::max(best.seconds, 1e-9);
  return best;
}

int resolved(int threads) {
  return threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

/// The entries of a file; none where it is not there, is damaged, or is of a newer format: it is only ever measured again.
Json entries_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return Json::array();
  const Json json = Json::parse(in, nullptr, false);
  if (!json.is_object() || json.value("format_version", 0) != kFormatVersion || !json.contains("entries"))
    return Json::array();
  return json["entries"].is_array() ? json["entries"] : Json::array();
}

bool is_for(const Json& entry, const std::string& backend, const std::string& cpu, int threads) {
  return entry.is_object() && entry.value("backend", "") == backend && entry.value("cpu", "") == cpu &&
         entry.value("threads", 0) == threads;
}

}  // namespace

Calibration calibrate(const std::string& backend, int threads) {
  const auto model = Model::parse(kCompute, ".");
  Calibration found;
  found.backend = model.compile({.backend = backend, .threads = threads}).backend();
  found.cpu = environment().cpu;
  found.threads = resolved(threads);
  const auto compute = measure(kCompute, found.backend, threads), traffic = measure(kTraffic, found.backend, threads);
  found.flops_per_s = compute.flops / compute.seconds;
  found.bytes_per_s = traffic.bytes / traffic.seconds;
  return found;
}

std::filesystem::path calibration_file() { return user_cache_file("calibration.json"); }

std::optional<Calibration> load_calibration(const std::filesystem::path& file, const std::string& backend,
                                            int threads) {
  const auto cpu = environment().cpu;
  for (const auto& entry : entries_of(file)) {
    if (!is_for(entry, backend, cpu, resolved(threads))) continue;
    Calibration found{backend, cpu, resolved(threads), entry.value("flops_per_s", 0.0),
                      entry.value("bytes_per_s", 0.0)};
    if (found.flops_per_s > 0 && found.bytes_per_s > 0) return found;
  }
  return std::nullopt;
}

void save_calibration(const std::filesystem::path& file, const Calibration& calibration) {
  Json entries = Json::array();
  for (const auto& entry : entries_of(file)) {
    if (!is_for(entry, calibration.backend, calibration.cpu, calibration.threads)) entries.push_back(entry);
  }
  entries.push_back({{"backend", calibration.backend},
                     {"cpu", calibration.cpu},
                     {"threads", calibration.threads},
                     {"flops_per_s", calibration.flops_per_s},
                     {"bytes_per_s", calibration.bytes_per_s}});
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) throw IoError(file.parent_path().string(), "cannot be made: " + error.message());
  const Json json = {{"format_version", kFormatVersion}, {"entries", std::move(entries)}};
  write_file(file.string(), json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
}

double predicted_seconds(const Program& program, const Calibration& calibration) {
  double part = 0, update = 0;
  for (const Step& step : program.plan().steps) {
    if (step.phase == Phase::setup) continue;
    const double seconds =
        std::max(step.cost.flops / calibration.flops_per_s, step.cost.bytes / calibration.bytes_per_s);
    (step.phase == Phase::update ? update : part) += seconds;
  }
  return part * static_cast<double>(program.parts()) + update;
}

}  // namespace fcngraph
