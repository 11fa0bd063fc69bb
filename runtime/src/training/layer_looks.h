// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "executor.h"

namespace fcngraph::training {

/// The gradient of a parameter that trains.
struct GradientVitals {
  std::string parameter;
  std::int64_t zeros = 0, elements = 0;  ///< of those looked at
};

/// The channels of a layer with a ReLU, whose parameters train.
struct ChannelVitals {
  std::string layer, parameter;
  std::int64_t dead = 0, channels = 0;  ///< dead: not above 0 anywhere
};

struct LayerVitals {
  std::vector<GradientVitals> gradients;
  std::vector<ChannelVitals> channels;
};

/// Looks at what trains, in steps for which it was opened: it reads gradients and activations where they lie, at most some million
/// numbers of each. Sees nothing where the host cannot address them.
class LayerLooks {
 public:
  /// Both must outlive it; `spent` grows by the seconds of the looks.
  LayerLooks(Executor& executor, double& spent);
  LayerLooks(const LayerLooks&) = delete;
  LayerLooks& operator=(const LayerLooks&) = delete;

  void open();
  /// What was seen since open().
  LayerVitals close();

 private:
  struct Gradient {
    GradientVitals vitals;
    std::int64_t elements = 0, stride = 1;
  };
  /// Memory [image][block][pixel][channel of the block], which covers plain, channels-last and blocked layouts.
  struct Activation {
    ChannelVitals vitals;
    std::int64_t images = 0, blocks = 0, pixels = 0, block = 0;
    std::vector<bool> alive;
  };
  void watch_gradient(Executor& executor, std::size_t step);
  void watch_activation(Executor& executor, std::size_t step, const std::string& parameter);

  double& spent_;
  bool open_ = false;
  std::vector<std::unique_ptr<Gradient>> gradients_;
  std::vector<std::unique_ptr<Activation>> activations_;
};

}  // namespace fcngraph::training
