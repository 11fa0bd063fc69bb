// SPDX-License-Identifier: Apache-2.0
#include "training/loss_scale.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

namespace fcngraph::training {
namespace {

bool is_power_of_two(double scale) {
  int exponent = 0;
  return std::frexp(scale, &exponent) == 0.5;
}

}  // namespace

LossScale LossScale::of(const dsl::LossScaleSpec& spec) {
  return spec.kind == dsl::LossScaleSpec::Kind::fixed ? fixed(spec.value) : dynamic();
}

LossScale::Change LossScale::after_step(bool finite) noexcept {
  if (!dynamic_) return Change::none;
  if (!finite) {
    state_.finite_steps = 0;
    if (state_.scale <= kLeast) return Change::none;
    state_.scale = std::max(kLeast, state_.scale / 2);
    ++state_.halvings;
    return Change::halved;
  }
  if (++state_.finite_steps < kGrowthSteps) return Change::none;
  state_.finite_steps = 0;
  state_.halvings = 0;
  if (state_.scale >= kMost) return Change::none;
  state_.scale = std::min(kMost, state_.scale * 2);
  return Change::doubled;
}

void LossScale::restore(const State& state) {
  const bool reachable = dynamic_
                             ? state.scale >= kLeast && state.scale <= kMost && is_power_of_two(state.scale) &&
                                   state.finite_steps >= 0 && state.finite_steps < kGrowthSteps && state.halvings >= 0
                             : state == state_;
  if (!reachable) {
    throw GraphError(fmt::format("loss scale {} after {} finite steps and {} halvings is not one that '{}' leads to",
                                 state.scale, state.finite_steps, state.halvings,
                                 dynamic_ ? "dynamic" : fmt::format("{}", state_.scale)));
  }
  state_ = state;
}

}  // namespace fcngraph::training
