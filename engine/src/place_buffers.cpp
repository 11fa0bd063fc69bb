// SPDX-License-Identifier: Apache-2.0
#include "place_buffers.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>

namespace fcngraph {
namespace {

constexpr std::int64_t kAlignment = 64;
// Placements that compare every pair are tried up to this many intervals.
constexpr std::size_t kPairwiseLimit = 2048;
// A placement within one part in so many of what lives at once is not improved any more.
constexpr std::int64_t kEnough = 50;
// Placements with raised priorities: rounds, and pairs compared in all of them.
constexpr std::size_t kMostRounds = 60, kRoundWork = 40'000'000;

std::int64_t aligned(std::int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

std::size_t step_count(const std::vector<Interval>& intervals) {
  std::int32_t steps = 0;
  for (const Interval& i : intervals) steps = std::max(steps, i.last + 1);
  return static_cast<std::size_t>(steps);
}

/// A placement: offsets in the order of the intervals.
struct Placement {
  std::vector<std::int64_t> offsets;
  std::int64_t total = 0;
};

/// Memory handed out and taken back in order of time, as an allocator would: the smallest hole that fits, at its low end.
class Holes {
 public:
  std::int64_t take(std::int64_t size) {
    auto best = holes_.end();
    for (auto hole = holes_.begin(); hole != holes_.end(); ++hole) {
      if (hole->second >= size && (best == holes_.end() || hole->second < best->second)) best = hole;
    }
    if (best == holes_.end()) return grow(size);
    const auto [offset, free] = *best;
    holes_.erase(best);
    if (free > size) holes_.emplace(offset + size, free - size);
    return offset;
  }

  void give_back(std::int64_t offset, std::int64_t size) {
    auto hole = holes_.emplace(offset, size).first;
    if (const auto next = std::next(hole); next != holes_.end() && hole->first + hole->second == next->first) {
      hole->second += next->second;
      holes_.erase(next);
    }
    if (hole == holes_.begin()) return;
    if (const auto previous = std::prev(hole); previous->first + previous->second == hole->first) {
      previous->second += hole->second;
      holes_.erase(hole);
    }
  }

  std::int64_t total() const { return total_; }

 private:
  // A hole at the end is part of what is added.
  std::int64_t grow(std::int64_t size) {
    std::int64_t offset = total_;
    if (!holes_.empty() && std::prev(holes_.end())->first + std::prev(holes_.end())->second == total_) {
      offset = std::prev(holes_.end())->first;
      holes_.erase(std::prev(holes_.end()));
    }
    total_ = offset + size;
    return offset;
  }

  std::map<std::int64_t, std::int64_t> holes_;  // offset -> bytes
  std::int64_t total_ = 0;
};

std::vector<std::size_t> sorted(std::size_t count, const auto& less) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), less);
  return order;
}

// Walks over time; backwards, what ends last is placed first.
Placement place_over_time(const std::vector<Interval>& intervals, bool backwards) {
  const auto begin = [&](std::size_t i) { return backwards ? -intervals[i].last : intervals[i].first; };
  const auto end = [&](std::size_t i) { return backwards ? -intervals[i].first : intervals[i].last; };
  // Of those that begin together, the one that stays longest lies lowest.
  const auto by_begin = sorted(intervals.size(), [&](std::size_t a, std::size_t b) {
    return begin(a) != begin(b) ? begin(a) < begin(b) : end(a) > end(b);
  });
  const auto by_end = sorted(intervals.size(), [&](std::size_t a, std::size_t b) { return end(a) < end(b); });
  Placement out{std::vector<std::int64_t>(intervals.size()), 0};
  Holes holes;
  std::size_t ended = 0;
  for (const std::size_t i : by_begin) {
    for (; end(by_end[ended]) < begin(i); ++ended)
      holes.give_back(out.offsets[by_end[ended]], aligned(intervals[by_end[ended]].bytes));
    out.offsets[i] = holes.take(aligned(intervals[i].bytes));
  }
  out.total = holes.total();
  return out;
}

// In the order given, each in the smallest hole among those placed that are live with it, or on top of them.
Placement place_by(const std::vector<Interval>& intervals, const std::vector<std::size_t>& order, bool lowest) {
  Placement out{std::vector<std::int64_t>(intervals.size()), 0};
  std::vector<std::size_t> placed;  // by offset
  for (const std::size_t i : order) {
    const Interval& block = intervals[i];
    const std::int64_t size = aligned(block.bytes);
    std::int64_t top = 0, best = -1, best_gap = 0;
    for (const std::size_t p : placed) {
      const Interval& other = intervals[p];
      if (other.last < block.first || block.last < other.first) continue;
      const std::int64_t gap = out.offsets[p] - top;
      if (gap >= size && (best < 0 || gap < best_gap)) best = top, best_gap = gap;
      if (lowest && best >= 0) break;
      top = std::max(top, out.offsets[p] + aligned(other.bytes));
    }
    const std::int64_t offset = best >= 0 ? best : top;
    out.offsets[i] = offset;
    out.total = std::max(out.total, offset + size);
    const auto at = std::upper_bound(placed.begin(), placed.end(), offset,
                                     [&](std::int64_t o, std::size_t p) { return o < out.offsets[p]; });
    placed.insert(at, i);
  }
  return out;
}

/// The best placement so far, and how good one would have to be for nobody to look further.
class Search {
 public:
  explicit Search(const std::vector<Interval>& intervals)
      : intervals_(intervals),
        enough_(live_peak(intervals) + live_peak(intervals) / kEnough),
        best_(place_over_time(intervals, false)) {}

  Placement run() {
    if (!done()) keep(place_over_time(intervals_, true));
    if (intervals_.size() > kPairwiseLimit) return std::move(best_);
    const auto by_size = order_by([&](std::size_t i) { return intervals_[i].bytes; });
    const auto by_lifetime = order_by([&](std::size_t i) { return intervals_[i].last - intervals_[i].first; });
    const auto by_area = order_by([&](std::size_t i) {
      return static_cast<double>(intervals_[i].bytes) * (intervals_[i].last - intervals_[i].first + 1);
    });
    const auto crowd = largest_crowds();
    const auto by_crowd = order_by([&](std::size_t i) { return std::pair(crowd[i], intervals_[i].bytes); });
    for (const auto* order : {&by_size, &by_lifetime, &by_area, &by_crowd}) {
      for (const bool lowest : {true, false}) {
        if (!done()) keep(place_by(intervals_, *order, lowest));
      }
    }
    for (const auto* order : {&by_lifetime, &by_size, &by_crowd}) raise_priorities(*order);
    return std::move(best_);
  }

 private:
  bool done() const { return best_.total <= enough_; }

  void keep(Placement other) {
    if (other.total < best_.total) best_ = std::move(other);
  }

  // Largest first.
  std::vector<std::size_t> order_by(const auto& weight) const {
    return sorted(intervals_.size(), [&](std::size_t a, std::size_t b) { return weight(a) > weight(b); });
  }

  // The most that lives at once while an interval does: where that is much, there is little freedom.
  std::vector<std::int64_t> largest_crowds() const {
    const auto live = live_bytes(intervals_, step_count(intervals_));
    std::vector<std::int64_t> crowd;
    for (const Interval& i : intervals_)
      crowd.push_back(*std::max_element(live.begin() + i.first, live.begin() + i.last + 1));
    return crowd;
  }

  // What ended up on top found no better place: it is placed first the next time.
  void raise_priorities(std::vector<std::size_t> order) {
    const std::size_t rounds = std::min(kMostRounds, kRoundWork / (intervals_.size() * intervals_.size() + 1));
    for (std::size_t round = 0; round < rounds && !done(); ++round) {
      Placement found = place_by(intervals_, order, round % 2 == 0);
      std::stable_partition(order.begin(), order.end(), [&](std::size_t i) {
        return found.offsets[i] + aligned(intervals_[i].bytes) == found.total;
      });
      keep(std::move(found));
    }
  }

  const std::vector<Interval>& intervals_;
  const std::int64_t enough_;
  Placement best_;
};

}  // namespace

std::int64_t place_buffers(std::vector<Interval>& intervals) {
  const Placement placement = Search(intervals).run();
  for (std::size_t i = 0; i < intervals.size(); ++i) intervals[i].offset = placement.offsets[i];
  return placement.total;
}

std::vector<std::int64_t> live_bytes(const std::vector<Interval>& intervals, std::size_t steps) {
  std::vector<std::int64_t> live(steps + 1, 0);
  for (const Interval& i : intervals) {
    live[static_cast<std::size_t>(i.first)] += aligned(i.bytes);
    live[static_cast<std::size_t>(i.last) + 1] -= aligned(i.bytes);
  }
  std::partial_sum(live.begin(), live.end(), live.begin());
  live.resize(steps);
  return live;
}

std::int64_t live_peak(const std::vector<Interval>& intervals) {
  const auto live = live_bytes(intervals, step_count(intervals));
  return live.empty() ? 0 : *std::max_element(live.begin(), live.end());
}

}  // namespace fcngraph
