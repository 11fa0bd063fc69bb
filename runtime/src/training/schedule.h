// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace fcngraph::training {

/// The learning rate at each step: a linear warm-up, then constant or half a cosine down to zero (Loshchilov and Hutter 2017).
class Schedule {
 public:
  /// `kind` is "cosine" or "constant"; `warmup` in steps, unset: min(200, 5 % of all steps). Throws GraphError for another kind,
  /// and when a number is negative.
  Schedule(const std::string& kind, double base, std::int64_t steps, std::optional<std::int64_t> warmup);

  std::int64_t warmup() const noexcept { return warmup_; }
  /// Of step 0, 1, ...: the first one already learns, the last one of a cosine still does.
  double at(std::int64_t step) const;

 private:
  bool cosine_ = true;
  double base_ = 0;
  std::int64_t steps_ = 0;
  std::int64_t warmup_ = 0;
};

}  // namespace fcngraph::training
