// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fcngraph/engine/export.h>
#include <fcngraph/engine/kernel_times.h>
#include <fcngraph/model.h>

namespace fcngraph {

/// What was measured, by machine: processor, versions, instruction set and threads in one line.
using KernelTable = std::map<std::string, KernelTimes>;

/// The file that programs are compiled by: $FCNGRAPH_KERNEL_TABLE, or kernels.json in $XDG_CACHE_HOME/fcngraph, or in ~/.cache/fcngraph.
/// Empty where the variable says "off".
FCNGRAPH_API std::filesystem::path kernel_table_file();

/// All of a file; nothing where there is none. Throws IoError where it is damaged or of another format.
FCNGRAPH_API KernelTable read_kernel_table(const std::filesystem::path& file);

/// Puts times into the file, beside those of other steps and machines, and over older ones; a file that is damaged begins anew, one of a
/// newer format is an IoError, as is one that cannot be written. Several processes may do so at once.
FCNGRAPH_API void add_kernel_times(const std::filesystem::path& file, const std::string& machine,
                                   const KernelTimes& times);

/// Removes the file; returns whether there was one. Throws IoError.
FCNGRAPH_API bool clear_kernel_table(const std::filesystem::path& file);

/// The machine as tables call it, for programs of a backend.
FCNGRAPH_API std::string machine_for_times(const Backend& backend, const KernelPolicy& policy);

/// What a program of this backend is compiled by, of `file`: null where its kernels have no choice, nothing was measured on this
/// machine, or the file is damaged.
FCNGRAPH_API std::shared_ptr<const KernelTimes> load_kernel_times(const std::filesystem::path& file,
                                                                  const Backend& backend, const KernelPolicy& policy);

/// One step with its kernels, timed.
struct TunedStep {
  struct Kernel {
    std::string choice, name;  ///< "winograd", "winograd4x4:avx512"
    KernelTime time;
  };
  std::string name;  ///< of the first step that is like this
  std::string key;
  bool trains = false;          ///< its weights do, and are packed each time
  std::vector<Kernel> kernels;  ///< fastest first
  std::string expected;         ///< the choice without measurement
};

struct TuneReport {
  std::string machine;
  std::int64_t known = 0;        ///< steps that had been measured before
  std::vector<TunedStep> steps;  ///< measured now
  double seconds = 0;
};

struct TuneOptions {
  CompileOptions compile;
  bool again = false;  ///< measures what was measured before, too
  std::function<void(const TunedStep&, std::size_t done, std::size_t of)> progress;
  std::function<bool()> stop_requested;  ///< asked after each step
};

/// Times the kernels of every step of the model that has a choice, in turn, on random numbers, and adds them to `file` one step after the
/// other. Throws as compiling does, BackendError where the backend has no choice of kernels, and IoError.
FCNGRAPH_API TuneReport tune(const Model& model, const TuneOptions& options, const std::filesystem::path& file);

}  // namespace fcngraph
