// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <fcngraph/engine/export.h>
#include <fcngraph/program.h>

namespace fcngraph {

/// How fast a backend is on this machine: what plans are priced with.
struct Calibration {
  std::string backend;
  std::string cpu;
  int threads = 0;
  double flops_per_s = 0;  ///< of a 3x3 convolution in cache; a multiply-add counts as two
  double bytes_per_s = 0;  ///< read and written by one pass over a tensor that no cache holds
};

/// Measures a convolution and a pass over memory for about a tenth of a second. `threads`: 0 as many as the machine has.
FCNGRAPH_API Calibration calibrate(const std::string& backend = "auto", int threads = 0);

/// $XDG_CACHE_HOME/fcngraph/calibration.json, or the same below ~/.cache: one entry a backend and number of threads.
FCNGRAPH_API std::filesystem::path calibration_file();
/// What was measured for this backend, processor and number of threads; nothing where there is no such file or entry.
FCNGRAPH_API std::optional<Calibration> load_calibration(const std::filesystem::path& file, const std::string& backend,
                                                         int threads = 0);
/// Puts it there, beside entries of other backends. Throws IoError.
FCNGRAPH_API void save_calibration(const std::filesystem::path& file, const Calibration& calibration);

/// Seconds that one batch takes, all its parts: each step as long as its arithmetic or its memory traffic wants, whichever is more.
FCNGRAPH_API double predicted_seconds(const Program& program, const Calibration& calibration);

}  // namespace fcngraph
