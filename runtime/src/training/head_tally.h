// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/metrics.h>
#include <fcngraph/session.h>

#include "data/batch_loader.h"

namespace fcngraph::training {

/// Element i of a tensor of any number type.
double number_at(const Tensor& tensor, std::int64_t i);

/// What one head came to over the batches of an epoch.
struct HeadTally {
  std::string name;
  double loss_sum = 0;
  double loss_count = 0;
  ConfusionMatrix confusion;
  std::optional<ConfusionMatrix>
      fractional;  ///< of `confusion`, labels between two classes; unset where labels are not mixed
  std::vector<std::uint8_t> predicted;  ///< of the batch added last, where the host counts

  HeadTally(std::string head, std::int64_t classes) : name(std::move(head)), confusion(classes) {}
  /// Reads the head's outputs of the last step, which ran the samples of the batch from `first` on; so many of them count.
  void add(const Session& session, const data::Batch& batch, std::int64_t samples, std::int64_t first = 0);
  void clear();
  /// Mean over the pixels seen; 0 where there was none.
  double loss() const { return loss_count > 0 ? loss_sum / loss_count : 0.0; }
  Scores scores(MetricMode mode) const { return confusion.scores(mode, fractional ? &*fractional : nullptr); }
};

std::vector<HeadTally> make_tallies(const std::vector<std::string>& heads, std::int64_t classes);

}  // namespace fcngraph::training
