// SPDX-License-Identifier: Apache-2.0
#include "training/feature_sessions.h"

namespace fcngraph::training {

Session& FeatureSessions::open(const Program& program) {
  asked_ = true;
  for (auto& [known, session] : open_) {
    if (&known.impl() == &program.impl()) return session;
  }
  open_.emplace_back(program, open_.empty() ? program.open(weights_, seed_) : program.open(open_[0].second, weights_));
  return open_.back().second;
}

void FeatureSessions::close_idle() {
  if (!asked_) open_.clear();
  asked_ = false;
}

}  // namespace fcngraph::training
