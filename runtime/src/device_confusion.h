// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <fcngraph/metrics.h>

#include "executor.h"

namespace fcngraph {

/// Counts how often each pair of label (input "labels") and prediction (a u8 output) has occurred in a run, where both lie: on a device
/// whose memory the host cannot address, so that classes^2 numbers are downloaded and no pixels.
class DeviceConfusion {
 public:
  /// Null where the host addresses the memory anyway, or the backend cannot count.
  static std::unique_ptr<DeviceConfusion> make(Executor& executor, const KernelPolicy& policy,
                                               const std::string& output, std::int64_t classes);
  /// Of the last run. Labels that are no class have been refused when they were bound.
  ConfusionMatrix count();

 private:
  DeviceConfusion(Executor& executor, std::size_t labels, std::size_t predicted, std::int64_t classes)
      : executor_(executor), labels_(labels), predicted_(predicted), classes_(classes) {}

  Executor& executor_;
  std::size_t labels_, predicted_;  ///< input and output of the plan
  std::int64_t classes_;
  std::unique_ptr<Buffer> counts_, workspace_;
  std::unique_ptr<Kernel> kernel_;  ///< after its memory: destroyed before it
};

}  // namespace fcngraph
