// SPDX-License-Identifier: Apache-2.0
#include "place_buffers.h"

#include <algorithm>
#include <numeric>

namespace fcngraph {
namespace {

constexpr std::int64_t kAlignment = 64;
std::int64_t aligned(std::int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

std::int64_t place_buffers(std::vector<Interval>& intervals) {
  std::vector<std::size_t> order(intervals.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return intervals[a].bytes > intervals[b].bytes; });
  std::vector<std::size_t> placed;  // by offset
  std::int64_t total = 0;
  for (const std::size_t i : order) {
    Interval& block = intervals[i];
    const std::int64_t size = aligned(block.bytes);
    std::int64_t offset = 0;
    for (const std::size_t p : placed) {
      const Interval& other = intervals[p];
      if (other.last < block.first || block.last < other.first) continue;
      if (offset + size <= other.offset) break;
      offset = std::max(offset, other.offset + aligned(other.bytes));
    }
    block.offset = offset;
    total = std::max(total, offset + size);
    const auto at = std::upper_bound(placed.begin(), placed.end(), offset,
                                     [&](std::int64_t o, std::size_t p) { return o < intervals[p].offset; });
    placed.insert(at, i);
  }
  return total;
}

std::int64_t live_peak(const std::vector<Interval>& intervals, std::int32_t steps) {
  std::vector<std::int64_t> delta(static_cast<std::size_t>(steps) + 1, 0);
  for (const Interval& i : intervals) {
    delta[static_cast<std::size_t>(i.first)] += aligned(i.bytes);
    delta[static_cast<std::size_t>(i.last) + 1] -= aligned(i.bytes);
  }
  std::int64_t live = 0, peak = 0;
  for (const std::int64_t d : delta) peak = std::max(peak, live += d);
  return peak;
}

}  // namespace fcngraph
