// SPDX-License-Identifier: Apache-2.0
#include "training/run_folder.h"

#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/plan.h>
#include <fcngraph/environment.h>

#include "atomic_file.h"
#include "hash.h"

namespace fcngraph::training {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr int kFormatVersion = 1;

std::string hash_of(const std::string& text) {
  return fmt::format("{:016x}", content_hash(std::as_bytes(std::span(text))));
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError(path.string(), "cannot be read: a run's folder has this file");
  return {std::istreambuf_iterator<char>(file), {}};
}

Json machine(const Environment& environment) {
  Json libraries = Json::object();
  for (const auto& [name, version] : environment.libraries) libraries[name] = version;
  return {{"cpu", environment.cpu},
          {"isa", environment.isa},
          {"system", environment.system},
          {"threads", environment.threads},
          {"memory_bytes", environment.memory_bytes},
          {"libraries", std::move(libraries)}};
}

Json stages_json(const std::map<std::string, StagePrograms>& stages) {
  Json json = Json::object();
  for (const auto& [name, stage] : stages) {
    json[name] = {
        {"batch", stage.batch}, {"parts", stage.parts}, {"recompute", stage.recompute}, {"kernels", stage.kernels}};
  }
  return json;
}

std::map<std::string, StagePrograms> stages_from(const Json& json) {
  std::map<std::string, StagePrograms> stages;
  for (const auto& [name, stage] : json.items()) {
    stages[name] = {stage.at("batch").get<std::int64_t>(), stage.at("parts").get<std::int64_t>(),
                    stage.at("recompute").get<int>(), stage.at("kernels").get<std::map<std::string, std::string>>()};
  }
  return stages;
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw IoError(path.string(), "cannot be made: " + error.message());
}

}  // namespace

Manifest describe(const RunningProgram& running, const Model& model, std::uint64_t seed, int threads) {
  const Program& program = running.program;
  Manifest manifest;
  manifest.seed = seed;
  manifest.batch = program.batch();
  manifest.parts = program.parts();
  manifest.recompute = program.recompute();
  manifest.height = program.height();
  manifest.width = program.width();
  manifest.threads = threads;
  manifest.backend = program.backend();
  manifest.backend_reason = program.backend_reason();
  manifest.precision = std::string(name_of(program.plan().precision));
  for (const auto& step : program.plan().steps) manifest.kernels[step.name] = step.kernel;
  if (running.features) {
    for (const auto& step : running.features->program().plan().steps) manifest.kernels[step.name] = step.kernel;
  }
  manifest.cpu = environment().cpu;
  manifest.graph_hash = hash_of(model.resolved());
  return manifest;
}

fs::path RunFolder::next_free(const std::string& model) {
  for (int n = 1;; ++n) {
    const fs::path path = fs::path("runs") / fmt::format("{}-{}", model, n);
    if (!fs::exists(path)) return path;
  }
}

RunFolder RunFolder::create(const fs::path& path) {
  if (fs::exists(path / "manifest.json")) {
    throw IoError(path.string(), "holds a run already: give another folder, or go on with it by --resume");
  }
  make_folder(path / "checkpoints");
  return RunFolder(path);
}

RunFolder RunFolder::open(const fs::path& path) {
  if (!fs::is_directory(path)) throw IoError(path.string(), "is not a folder, expected that of a run");
  if (!fs::exists(path / "manifest.json"))
    throw IoError(path.string(), "is not a run's folder: it has no manifest.json");
  return RunFolder(path);
}

void RunFolder::write_graph(const std::string& resolved) const {
  write_file((path_ / "graph.toml").string(), resolved);
}

std::string RunFolder::read_graph() const { return read_text(path_ / "graph.toml"); }

void RunFolder::write_manifest(const Manifest& m, const Model& model, const Dataset& dataset) const {
  const auto here = environment();
  const auto parameters = model.parameters();
  Json data = {{"kind", model.spec().data.kind}, {"classes", model.classes()}};
  for (const auto split : kSplits) data[std::string(name_of(split))] = dataset.size(split);
  Json json = {{"format_version", kFormatVersion},
               {"fcngraph", here.version},
               {"model", model.name()},
               {"graph_hash", m.graph_hash},
               {"seed", m.seed},
               {"batch", m.batch},
               {"parts", m.parts},
               {"recompute", m.recompute},
               {"height", m.height},
               {"width", m.width},
               {"threads", m.threads},
               {"backend", m.backend},
               {"backend_reason", m.backend_reason},
               {"precision", m.precision},
               {"metrics", name_of(m.metrics)},
               {"parameters", {{"trainable", parameters.trainable}, {"frozen", parameters.frozen}}},
               {"weights", {{"source", m.weights}, {"hash", m.weights_hash}, {"frozen", m.frozen}}},
               {"data", std::move(data)},
               {"machine", machine(here)},
               {"kernels", m.kernels}};
  if (!m.stages.empty()) json["stages"] = stages_json(m.stages);
  write_file((path_ / "manifest.json").string(), json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
}

Manifest RunFolder::read_manifest() const {
  const auto path = path_ / "manifest.json";
  try {
    const Json json = Json::parse(read_text(path));
    const auto version = json.at("format_version").get<int>();
    if (version > kFormatVersion) {
      throw IoError(path.string(),
                    fmt::format("has format version {}, this program knows up to {}", version, kFormatVersion));
    }
    Manifest m;
    m.seed = json.at("seed").get<std::uint64_t>();
    m.batch = json.at("batch").get<std::int64_t>();
    // A run begun before there were parts had one.
    m.parts = json.value("parts", std::int64_t{1});
    m.recompute = json.value("recompute", 0);
    m.height = json.at("height").get<std::int64_t>();
    m.width = json.at("width").get<std::int64_t>();
    m.threads = json.at("threads").get<int>();
    m.backend = json.at("backend").get<std::string>();
    m.backend_reason = json.value("backend_reason", std::string());
    m.precision = json.at("precision").get<std::string>();
    m.kernels = json.at("kernels").get<std::map<std::string, std::string>>();
    m.weights = json.at("weights").at("source").get<std::string>();
    m.weights_hash = json.at("weights").at("hash").get<std::string>();
    m.frozen = json.at("weights").at("frozen").get<std::string>();
    // Runs of before have none.
    const auto metrics = json.value("metrics", std::string(name_of(MetricMode::fcngraph)));
    m.metrics = metric_mode_from(metrics).value_or(MetricMode::fcngraph);
    m.cpu = json.at("machine").at("cpu").get<std::string>();
    m.graph_hash = json.at("graph_hash").get<std::string>();
    m.stages = stages_from(json.value("stages", Json::object()));
    return m;
  } catch (const nlohmann::json::exception& error) {
    throw IoError(path.string(), fmt::format("is damaged: {}", error.what()));
  }
}

void RunFolder::write_scores(const std::string& name, const EvalReport& report) const {
  make_folder(path_ / "scores");
  write_file(scores(name).string(), to_json(report) + '\n');
}

EvalReport RunFolder::read_scores(const std::string& name) const try {
  return eval_report_from_json(read_text(scores(name)));
} catch (const GraphError& error) {
  throw IoError(scores(name).string(), error.what());
}

void RunFolder::write_doctor(const DoctorReport& report) const {
  write_file((path_ / "doctor.json").string(), to_json(report) + '\n');
}

std::optional<DoctorReport> RunFolder::read_doctor() const {
  const auto path = path_ / "doctor.json";
  if (!fs::exists(path)) return std::nullopt;
  try {
    return doctor_report_from_json(read_text(path));
  } catch (const GraphError& error) {
    throw IoError(path.string(), error.what());
  }
}

}  // namespace fcngraph::training
