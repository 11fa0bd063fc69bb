// SPDX-License-Identifier: Apache-2.0
#include "autotune.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fcngraph::cudnn {
namespace {

struct Runner {
  Candidate candidate;
  std::vector<double> seconds;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// One run of each that is left; those that fail drop out.
void run_round(std::vector<Runner>& runners, const EngineTimer& time, bool counts) {
  std::erase_if(runners, [&](Runner& runner) {
    const std::optional<double> seconds = time(runner.candidate);
    if (!seconds || !std::isfinite(*seconds) || *seconds < 0) return true;
    if (counts) runner.seconds.push_back(*seconds);
    return false;
  });
}

void drop_hopeless(std::vector<Runner>& runners, double times) {
  double least = INFINITY;
  for (const Runner& runner : runners) least = std::min(least, runner.seconds.front());
  std::erase_if(runners, [&](const Runner& runner) { return runner.seconds.front() > times * least; });
}

}  // namespace

std::optional<Tuned> fastest(std::span<const Candidate> candidates, const EngineTimer& time, const TuningRules& rules) {
  std::vector<Runner> runners;
  for (const Candidate& candidate : candidates) {
    if (runners.size() < rules.most && candidate.workspace <= rules.workspace) runners.push_back({candidate, {}});
  }
  run_round(runners, time, false);
  const std::size_t timed = runners.size();
  for (int round = 0; round < rules.rounds; ++round) {
    run_round(runners, time, true);
    if (round == 0) drop_hopeless(runners, rules.hopeless);
  }
  double least = INFINITY;
  for (const Runner& runner : runners) least = std::min(least, median(runner.seconds));
  for (const Runner& runner : runners) {
    const double seconds = median(runner.seconds);
    if (seconds <= least * (1 + rules.close)) return Tuned{runner.candidate.index, seconds, timed};
  }
  return std::nullopt;
}

}  // namespace fcngraph::cudnn
