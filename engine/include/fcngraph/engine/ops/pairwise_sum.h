// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace fcngraph {

/// The sum of the values in one fixed tree: neighbours 2i and 2i+1 are added, level by level; an odd last value moves
/// up as it is. So parts may be summed by any number of threads, and the bits stay the same. Overwrites the values. 0
/// for none.
inline double pairwise_sum(std::span<double> values) noexcept {
  std::size_t count = values.size();
  if (count == 0) return 0.0;
  while (count > 1) {
    const std::size_t pairs = count / 2;
    for (std::size_t i = 0; i < pairs; ++i) values[i] = values[2 * i] + values[2 * i + 1];
    if (count % 2 != 0) values[pairs] = values[count - 1];
    count = pairs + count % 2;
  }
  return values[0];
}

}  // namespace fcngraph
