// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <fcngraph/trainer.h>

namespace fcngraph::training {

/// history.jsonl and history.csv of a run. Small, so that both are written anew, atomically, after each epoch.
class History {
 public:
  explicit History(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Reads back the rows of a run that is to go on, up to `epochs`; what came after its checkpoint will be done again.
  /// Throws IoError when rows are missing or damaged.
  void restore(std::int64_t epochs);
  /// Adds a row and writes the files.
  void add(EpochRecord record);
  const std::vector<EpochRecord>& rows() const noexcept { return rows_; }

 private:
  void write() const;

  std::filesystem::path folder_;
  std::vector<EpochRecord> rows_;
};

/// The rows as CSV: epoch, stage (where there are stages), seconds, val_seconds, data_wait_share, cache_hits, skipped_steps, loss_scale (where there is one), then `NAME.loss` and so on for each head.
std::string to_csv(const std::vector<EpochRecord>& rows);

}  // namespace fcngraph::training
