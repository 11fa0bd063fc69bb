// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "training/head_tally.h"
#include "training/loss_scale.h"

namespace fcngraph::training {

/// Where a run stands: what a checkpoint's metadata holds besides the tensors.
struct ProgressState {
  std::size_t stage = 0;                ///< under way, from 0; 0 where the model has none
  std::int64_t stage_step = 0;          ///< done in it
  std::int64_t stage_skipped = 0;       ///< of them, whose gradient was not finite: they updated nothing
  std::int64_t epoch = 0;               ///< under way, from 0 over all stages; the number of epochs when all are done
  std::int64_t batch = 0;               ///< of it, the next one
  std::int64_t step = 0;                ///< steps done
  std::int64_t skipped = 0;             ///< of the epoch, so far
  double seconds = 0;                   ///< of the epoch, so far
  double waited = 0;                    ///< of them, for data
  std::int64_t cache_hits = 0;          ///< of it, so far
  std::optional<double> best;           ///< the last head's best val_mean_iou, of the stage
  std::vector<HeadTally> tallies;       ///< of the epoch, so far
  std::optional<LossScale> loss_scale;  ///< unset: gradients are not scaled
  std::vector<std::string> learnt;  ///< tensors of the checkpoint that stages before have trained, or later ones will

  /// Adds its entries to a checkpoint's metadata.
  void write(std::map<std::string, std::string>& metadata) const;
  /// Reads them back; `tallies` must have the model's heads, and `loss_scale` be as it begins. Throws IoError(path) when entries are missing or do not fit.
  void read(const std::map<std::string, std::string>& metadata, const std::string& path);
  /// The stage alone, which says what heads there are.
  static std::size_t stage_of(const std::map<std::string, std::string>& metadata, const std::string& path);
};

}  // namespace fcngraph::training
