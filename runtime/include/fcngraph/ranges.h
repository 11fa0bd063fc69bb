// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include <fcngraph/engine/value_range.h>
#include <fcngraph/model.h>
#include <fcngraph/weights.h>

namespace fcngraph {

struct RangeOptions {
  std::string backend = "auto";
  int threads = 0;                     ///< 0: as many as the machine has
  std::int64_t batch = 0;              ///< 0: as [train] says
  std::int64_t batches = 4;            ///< of the training split, at random
  std::int64_t height = 0, width = 0;  ///< 0: as the model says
  std::uint64_t seed = 0;              ///< of what the weights lack, of the choice of samples and of dropout
  bool random_weights = false;         ///< allows a frozen part at its initialiser on real data
  std::function<void(std::int64_t batch, std::int64_t batches)> on_batch;
  std::function<bool()> stop_requested;  ///< asked after each batch; the ranges then cover what was seen
};

/// What the values of a model reach, by name: those that nodes make on the way forward, parameters and the image.
struct TrackedRanges {
  std::string model;
  std::string backend;
  std::int64_t samples = 0;
  std::map<std::string, ValueRange> values;

  /// The file that `compile.ranges` names: TOML, written as a whole or not at all. Throws IoError.
  FCNGRAPH_API void save(const std::string& path) const;
};

/// Runs a model in f32 over some batches, as it trains (nothing is updated) and as it infers, with a step for each node, and looks
/// at everything that is made. Throws GraphError, BackendError and IoError as `evaluate` does.
FCNGRAPH_API TrackedRanges track_ranges(const Model& model, const Weights& weights, const RangeOptions& options = {});

}  // namespace fcngraph
