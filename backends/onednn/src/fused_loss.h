// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <fcngraph/engine/fused_loss_body.h>
#include "axis_taps.h"
#include "loop_kernel.h"
#include "row_interpolation.h"

namespace fcngraph::onednn {

/// Runs a fused loss without storing logits. Rows of the score are widened once; rows of logits are mixed from two of these, one at
/// a time; what the gradient of such a row means for the two is summed at their width and narrowed in the end. Images are cut into
/// bands of rows, whatever the number of threads; what bands add to the same sum is kept apart and added in order.
class FusedLoss {
 public:
  FusedLoss(const FusedLossBody& body, const Shape& score, const Shape& labels, int threads);

  /// Bytes of scratch memory that `run` wants.
  std::int64_t workspace() const;
  void run(const LaunchArgs& args) const;

 private:
  /// Rows [first, last) of the logits, which read the rows [low, low + rows) of the score.
  struct Band {
    std::int64_t first, last, low, rows;
    std::int64_t offset;  ///< of its rows among those that the bands of an image keep apart
  };
  /// What a band adds to the sums of its image.
  struct Partial {
    double loss, count;
  };
  struct Workspace;
  struct Scratch;
  class BandRun;

  Workspace divide(std::byte* memory) const;
  Scratch scratch_at(float* memory) const;
  std::int64_t scratch_elements() const;
  double sum_losses(const LaunchArgs& args, const Workspace& workspace) const;
  void sum_gradient(const LaunchArgs& args, const float* kept, float scale) const;

  FusedLossBody body_;
  std::int64_t images_, classes_, height_, width_;  ///< of the score
  std::int64_t out_height_, out_width_,
      row_stride_;  ///< of the logits; numbers from one row in scratch memory to the next
  AxisTaps rows_;
  RowInterpolation columns_;
  std::vector<Band> bands_;
  std::int64_t kept_rows_ = 0;  ///< of all bands of an image
  int threads_;
};

}  // namespace fcngraph::onednn
