// SPDX-License-Identifier: Apache-2.0
#include "training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

namespace fcngraph::training {

Schedule::Schedule(const std::string& kind, double base, std::int64_t steps, std::optional<std::int64_t> warmup)
    : cosine_(kind == "cosine"),
      base_(base),
      steps_(steps),
      warmup_(warmup.value_or(std::min<std::int64_t>(200, steps / 20))) {
  if (!cosine_ && kind != "constant")
    throw GraphError(fmt::format("schedule is '{}', expected cosine or constant", kind));
  if (steps < 0) throw GraphError(fmt::format("number of steps is {}, expected at least 0", steps));
  if (warmup_ < 0) throw GraphError(fmt::format("warm-up is {} steps, expected at least 0", warmup_));
}

double Schedule::at(std::int64_t step) const {
  if (step < warmup_) return base_ * static_cast<double>(step + 1) / static_cast<double>(warmup_);
  if (!cosine_ || steps_ <= warmup_) return base_;
  const double done = static_cast<double>(std::min(step, steps_) - warmup_) / static_cast<double>(steps_ - warmup_);
  return base_ * 0.5 * (1.0 + std::cos(std::numbers::pi * done));
}

}  // namespace fcngraph::training
