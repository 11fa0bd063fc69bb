// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcngraph/model.h>
#include <fcngraph/session.h>

namespace fcngraph {

struct BenchOptions {
  Mode mode = Mode::infer;  ///< train: a whole step, updates included
  bool behind_cut =
      false;  ///< what is left of it when every sample is in the feature cache, copies out of the cache apart
  std::int64_t batch = 1;
  std::int64_t iterations = 10;
  std::int64_t warmup = 2;
  std::int64_t height = 0, width = 0;
  std::string backend = "auto";
  std::string precision = "f32";
  int threads = 0;
  std::int64_t memory_budget = 0;        ///< bytes; to infer it makes the batch smaller. 0: no limit
  std::vector<std::string> heads;        ///< empty: the last one to infer, all to train
  std::uint64_t seed = 0;                ///< of the random image, and of what the weights lack
  bool profile = false;                  ///< a row a step as well
  std::function<bool()> stop_requested;  ///< asked after each run
};

struct BenchReport {
  std::int64_t batch = 1;
  double median_s = 0, min_s = 0, images_per_s = 0;  ///< images_per_s: batch / median
  std::int64_t peak_bytes = 0;
  double gflop = 0;                   ///< of one run
  std::optional<double> predicted_s;  ///< where this machine was measured: fcngraph plan --calibrate
  std::string backend, backend_reason, precision;
  std::vector<std::pair<std::string, std::string>> kernels;  ///< step, kernel
  std::vector<double> seconds;                               ///< of each run
  std::vector<StepTime> profile;
  double peak_flops = 0;  ///< with a profile: what the arithmetic units reach at most in a second; 0: not known
  /// The other program, run in turn with this one: its median, and the median of (its time / this one's) over the pairs.
  struct Versus {
    double median_s = 0, ratio_median = 0;
  };
  std::optional<Versus> versus;
};

/// Times a model on a random image. With `versus`, the two are run alternately, so that what else the machine does hits both.
FCNGRAPH_API BenchReport benchmark(const Model& model, const Weights& weights, const BenchOptions& options,
                                   const Model* versus = nullptr);

/// {"batch", "median_s", "min_s", "images_per_s", "peak_bytes", "gflop", "predicted_s", "backend", "backend_reason", "precision",
/// "kernels": {STEP: KERNEL}, "seconds": [...]}, with "versus": {"median_s", "ratio_median"} and "peak_flops" and "profile": [{"name",
/// "op", "kernel", "seconds", "flops", "operations", "bytes"}] where asked for.
FCNGRAPH_API std::string to_json(const BenchReport& report);

}  // namespace fcngraph
