// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <fcngraph/engine/backend.h>

#include "launch.h"

namespace fcngraph::cudnn {

/// The numbers of adam and adamw that a plan fixes.
struct AdamNumbers {
  double beta1 = 0, beta2 = 0, weight_decay = 0;
  float epsilon = 0;
};

/// One parameter's update.
struct AdamUpdate {
  std::int64_t elements = 0;
  AdamNumbers numbers;
};

/// Updates any number of parameters in as few launches as their addresses fit into.
struct AdamLaunch {
  AdamUpdate update;
  LaunchArgs args;
};
void run_adam(std::span<const AdamLaunch> updates, const Queue& queue);

}  // namespace fcngraph::cudnn
