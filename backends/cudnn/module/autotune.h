// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace fcngraph::cudnn {

/// An engine of cuDNN's that may run a convolution, one of those that the convolution's key allows (refused_notes).
struct Candidate {
  std::int64_t index = -1;  ///< in the order of cuDNN's heuristics
  std::size_t workspace = 0;
};

struct TuningRules {
  std::size_t most = 16;                         ///< candidates that are timed: those that the heuristics rank first
  std::size_t workspace = std::size_t{1} << 30;  ///< bytes; a candidate that wants more is left out
  int rounds = 7;                                ///< timed runs of each, in turns, after one that is not timed
  double close = 0.01;                           ///< who is so near to the fastest is as fast
  double hopeless = 2;  ///< who takes so many times as long in the first run is not timed again
};

struct Tuned {
  std::int64_t index = -1;
  double seconds = 0;     ///< median of its runs
  std::size_t timed = 0;  ///< candidates that it was the fastest of
};

/// Runs a candidate once and says how many seconds it took; nothing where it failed.
using EngineTimer = std::function<std::optional<double>(const Candidate& candidate)>;

/// The candidate with the least median. Of those that are close to it the one that the heuristics rank first, so that noise decides as
/// little as possible. One that fails once is never asked again. Nothing where no candidate is left.
std::optional<Tuned> fastest(std::span<const Candidate> candidates, const EngineTimer& time,
                             const TuningRules& rules = {});

}  // namespace fcngraph::cudnn
