// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <fcngraph/engine/backend.h>

#include "launch.h"

namespace fcngraph::cudnn {

enum class UpdateRule : std::uint8_t { sgd, adam };

/// One parameter's update, with the numbers that a plan fixes. adamw is adam with a weight decay.
struct ParameterUpdate {
  UpdateRule rule = UpdateRule::sgd;
  std::int64_t elements = 0;
  double momentum = 0;
  bool nesterov = false;
  double beta1 = 0, beta2 = 0, weight_decay = 0;
  float epsilon = 0;
};

struct UpdateLaunch {
  ParameterUpdate update;
  LaunchArgs args;
};

/// Parameters that one launch updates at most: their addresses are arguments of a kernel, 32764 bytes of which there is room for.
inline constexpr std::size_t kMostUpdates = 448;

/// Updates parameters by one rule, all in one launch, or as many as kMostUpdates makes of them. Those of adam follow a launch that
/// works out what of each step is the same for all elements.
void run_updates(std::span<const UpdateLaunch> updates, const Queue& queue);

}  // namespace fcngraph::cudnn
