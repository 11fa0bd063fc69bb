// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "training/head_tally.h"

namespace fcngraph::training {

/// Where a run stands: what a checkpoint's metadata holds besides the tensors.
struct ProgressState {
  std::int64_t epoch = 0;          ///< under way, from 0; the number of epochs when all are done
  std::int64_t batch = 0;          ///< of it, the next one
  std::int64_t step = 0;           ///< updates done
  double seconds = 0;              ///< of the epoch, so far
  double waited = 0;               ///< of them, for data
  std::int64_t cache_hits = 0;     ///< of it, so far
  std::optional<double> best;      ///< the last head's best val_mean_iou
  std::vector<HeadTally> tallies;  ///< of the epoch, so far

  /// Adds its entries to a checkpoint's metadata.
  void write(std::map<std::string, std::string>& metadata) const;
  /// Reads them back; `tallies` must have the model's heads. Throws IoError(path) when entries are missing or do not fit.
  void read(const std::map<std::string, std::string>& metadata, const std::string& path);
};

}  // namespace fcngraph::training
