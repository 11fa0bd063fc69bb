// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

#include <fcngraph/engine/ops/cross_entropy_of_probabilities.h>

#include "cross_entropy_rules.h"

namespace fcngraph::ops {

inline bool clipped_cross_entropy_fits(const InferContext& c) {
  const auto& a = c.attrs.as<CrossEntropyOfProbabilitiesAttrs>();
  // At 0 the logarithm has no bound.
  if (!(a.clip > 0 && a.clip <= 0.5))
    return c.error("expected clip above 0 and at most 0.5, got " + std::to_string(a.clip)), false;
  return cross_entropy_fits(c, "probabilities", a.ignore);
}

/// The probabilities of one pixel, held within [clip, 1 - clip].
template <class T>
struct ClippedProbabilities {
  const T* first;       ///< of class 0
  std::int64_t stride;  ///< from one class to the next
  double clip;

  bool is_clipped(std::int64_t c) const { return !(raw(c) >= clip && raw(c) <= 1 - clip); }
  double operator[](std::int64_t c) const { return std::clamp(raw(c), clip, 1 - clip); }
  double sum(std::int64_t classes) const {
    double out = 0;
    for (std::int64_t c = 0; c < classes; ++c) out += (*this)[c];
    return out;
  }

 private:
  double raw(std::int64_t c) const { return static_cast<double>(first[c * stride]); }
};

}  // namespace fcngraph::ops
