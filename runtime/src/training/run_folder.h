// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <fcngraph/dataset.h>
#include <fcngraph/doctor.h>
#include <fcngraph/evaluate.h>
#include <fcngraph/model.h>

#include "training/running_program.h"

namespace fcngraph::training {

/// How the program of one stage was made.
struct StagePrograms {
  std::int64_t batch = 0, parts = 1;
  int recompute = 0;
  std::map<std::string, std::string> kernels;  ///< step -> kernel
};

/// What a run was made with, as manifest.json keeps it: enough to repeat it and to hold a resumed run to it.
struct Manifest {
  std::uint64_t seed = 0;
  std::int64_t batch = 0, height = 0, width = 0;  ///< batch: of a step, in however many parts
  std::int64_t parts = 1;
  int recompute = 0;
  int threads = 0;
  std::string backend, backend_reason, precision;
  std::map<std::string, std::string> kernels;  ///< step -> kernel
  std::string weights;                         ///< where they came from; empty: from nowhere
  std::string weights_hash;
  std::string frozen;  ///< none, random, stored, or the path referred to
  MetricMode metrics = MetricMode::fcngraph;
  std::string cpu;
  std::string graph_hash;
  std::map<std::string, StagePrograms>
      stages;  ///< by name, as far as they have begun; the fields above are the first's
};

/// What the manifest says of a program, what lies before its cut included.
Manifest describe(const RunningProgram& running, const Model& model, std::uint64_t seed, int threads);

/// The folder of one run.
class RunFolder {
 public:
  /// runs/<model>-<n> with the next number that is free.
  static std::filesystem::path next_free(const std::string& model);
  /// Makes it. Throws IoError when it cannot be made or written to, or holds a run already.
  static RunFolder create(const std::filesystem::path& path);
  /// One that is there. Throws IoError when it is not a run's folder.
  static RunFolder open(const std::filesystem::path& path);

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path checkpoint(const std::string& name) const {
    return path_ / "checkpoints" / (name + ".safetensors");
  }
  std::filesystem::path overlays() const { return path_ / "overlays"; }

  void write_graph(const std::string& resolved) const;
  std::string read_graph() const;
  void write_manifest(const Manifest& manifest, const Model& model, const Dataset& dataset) const;
  Manifest read_manifest() const;
  /// scores/NAME.json, of the best or the last validation. Reading throws IoError where it is missing or damaged.
  void write_scores(const std::string& name, const EvalReport& report) const;
  EvalReport read_scores(const std::string& name) const;
  /// doctor.json. Reading gives nothing where there is none, and throws IoError where it is damaged.
  void write_doctor(const DoctorReport& report) const;
  std::optional<DoctorReport> read_doctor() const;
  bool has_scores(const std::string& name) const { return std::filesystem::exists(scores(name)); }

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path scores(const std::string& name) const { return path_ / "scores" / (name + ".json"); }

  std::filesystem::path path_;
};

}  // namespace fcngraph::training
