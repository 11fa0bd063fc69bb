// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/engine/backend.h>
#include <fcngraph/engine/ops/upsample.h>
#include <fcngraph/engine/ops/window.h>

namespace fcngraph {

/// The loss of a head as the body of a region that fuse_regions makes says it: score -> upsample [-> crop] -> cross_entropy
/// [-> mean_loss], argmax, and back to the gradient of the score. Numbers are those of the region's operands and results, -1 where absent.
struct FusedLossBody {
  int score = -1, labels = -1, class_weights = -1, normalizer = -1, grad = -1;
  int loss_sum = -1, count = -1, loss = -1, predicted = -1, grad_score = -1;
  UpsampleAttrs upsampling;
  Pads crop;
  std::int64_t ignore = 255;
};

/// Reads it off a region's body. `mistake` is empty, or a sentence on what in the body is something else.
struct FusedLossReading {
  FusedLossBody body;
  std::string mistake;
};
FCNGRAPH_API FusedLossReading read_fused_loss(const Graph& body);

}  // namespace fcngraph
