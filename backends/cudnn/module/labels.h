// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sums.h"

namespace fcngraph::cudnn {

/// The labels of a batch, [N, H, W], and what a class weighs.
struct Labels {
  const std::uint8_t* of;
  const float* weights;  ///< null: all are 1
  std::int64_t classes, ignore;

  FCNGRAPH_DEVICE std::int64_t at(std::int64_t pixel) const { return of[pixel]; }
  FCNGRAPH_DEVICE bool counts(std::int64_t label) const { return label != ignore && label < classes; }
  FCNGRAPH_DEVICE float weight(std::int64_t label) const { return weights != nullptr ? weights[label] : 1.0f; }
};

/// Pixels that count, of each image.
inline void count_labels(const Queue& queue, std::int64_t images, std::int64_t pixels, const Labels& labels,
                         double* scratch, double* totals, float* count) {
  row_sums(queue, images, pixels, scratch, totals, [=] FCNGRAPH_DEVICE(std::int64_t n, std::int64_t i) {
    return labels.counts(labels.at(n * pixels + i)) ? 1.0 : 0.0;
  });
  launch(queue, images, [=] FCNGRAPH_DEVICE(std::int64_t n) { count[n] = static_cast<float>(totals[n]); });
}

}  // namespace fcngraph::cudnn
