// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/value_range.h>

#include <cmath>

namespace fcngraph {

void ValueRange::add(std::span<const float> values) {
  for (const float value : values) {
    const float magnitude = std::fabs(value);
    if (!std::isfinite(magnitude)) {
      ++not_finite;
    } else if (magnitude > largest) {
      largest = magnitude;
    }
  }
}

}  // namespace fcngraph
