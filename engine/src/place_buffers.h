// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace fcngraph {

/// A block of memory that is needed from one step to another, both included.
struct Interval {
  std::int64_t bytes = 0;
  std::int32_t first = 0;
  std::int32_t last = 0;
  std::int64_t offset = 0;  ///< the answer
};

/// Gives every interval an offset so that no two that are live together overlap; largest first, each at the lowest place that is
/// free (greedy by size: Pisarchyk and Lee 2020). Offsets are multiples of 64 bytes. Returns the bytes needed.
std::int64_t place_buffers(std::vector<Interval>& intervals);

/// The largest sum of bytes that are live in one step: no placement can be smaller.
std::int64_t live_peak(const std::vector<Interval>& intervals, std::int32_t steps);

}  // namespace fcngraph
