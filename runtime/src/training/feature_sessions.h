// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fcngraph/program.h>
#include <fcngraph/weights.h>

namespace fcngraph::training {

/// Sessions of feature programs, which share their weights. The frozen part of a model is large, and of no use once every sample is
/// kept: a session is opened when a sample is missing, and closed when none was for a while.
class FeatureSessions {
 public:
  FeatureSessions(Weights weights, std::uint64_t seed) : weights_(std::move(weights)), seed_(seed) {}

  const Weights& weights() const noexcept { return weights_; }
  std::uint64_t seed() const noexcept { return seed_; }
  /// Content hashes of the weights' tensors, as far as they are known.
  std::map<std::string, std::uint64_t>& hashes() noexcept { return hashes_; }

  /// The program's session. Throws as Program::open does.
  Session& open(const Program& program);
  /// Closes all, if none was asked for since the last call.
  void close_idle();

 private:
  Weights weights_;
  std::uint64_t seed_ = 0;
  std::map<std::string, std::uint64_t> hashes_;
  std::vector<std::pair<Program, Session>> open_;
  bool asked_ = false;
};

}  // namespace fcngraph::training
