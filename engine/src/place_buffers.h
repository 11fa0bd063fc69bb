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

/// Gives every interval an offset so that no two that are live together overlap, and returns the bytes needed. Offsets are
/// multiples of 64 bytes. Of several greedy placements (over time forwards and backwards, by size, by size times lifetime:
/// Pisarchyk and Lee 2020) the smallest is taken, or the first within 2 % of live_peak; those that compare every pair only where
/// there are few enough pairs.
std::int64_t place_buffers(std::vector<Interval>& intervals);

/// The largest sum of bytes that are live in one step: no placement can be smaller.
std::int64_t live_peak(const std::vector<Interval>& intervals);

/// Live bytes at each of so many steps.
std::vector<std::int64_t> live_bytes(const std::vector<Interval>& intervals, std::size_t steps);

}  // namespace fcngraph
