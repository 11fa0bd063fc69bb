// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include <fcngraph/engine/backend.h>

namespace fcngraph {

/// How long a kernel took when it was measured.
struct KernelTime {
  double seconds = 0;  ///< a run of the step
  double pack_seconds =
      0;  ///< to bring its weights into the layout that it reads, which weights that train need in every step
};

/// The kernels that were measured for one step, by the words of `KernelPolicy::kernels` that ask for them.
struct MeasuredStep {
  std::string date;  ///< "2026-11-22"
  std::map<std::string, KernelTime> kernels;
};

/// What was measured on one machine, with one number of threads.
struct KernelTimes {
  std::map<std::string, MeasuredStep> steps;  ///< by step_key

  /// Null where the step was not measured.
  const MeasuredStep* find(const std::string& key) const {
    const auto found = steps.find(key);
    return found == steps.end() ? nullptr : &found->second;
  }
};

/// What the time of a step depends on, apart from the machine: op, attributes, types and shapes, the storage of weights. Not how
/// its tensors lie, which a kernel asks for itself.
FCNGRAPH_API std::string step_key(const StepView& step, const KernelPolicy& policy);

}  // namespace fcngraph
