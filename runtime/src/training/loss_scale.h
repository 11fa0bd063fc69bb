// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <fcngraph/dsl/model_spec.h>

namespace fcngraph::training {

/// What gradients are multiplied by on their way back, so that small ones are not lost where they are kept in 16 bits, and what
/// updates take out again. A dynamic scale looks for the largest power of two that nothing overflows at. Knows steps, nothing of
/// devices.
class LossScale {
 public:
  static constexpr double kStart = 1 << 15;
  static constexpr double kLeast = dsl::kLeastLossScale, kMost = dsl::kMostLossScale;
  /// Finite steps in a row after which a dynamic scale doubles.
  static constexpr std::int64_t kGrowthSteps = 2000;

  /// What a checkpoint keeps.
  struct State {
    double scale = kStart;
    std::int64_t finite_steps = 0;  ///< in a row, since the scale last changed
    std::int64_t halvings = 0;      ///< since so many finite steps in a row as let it double
    bool operator==(const State&) const = default;
  };
  enum class Change { none, halved, doubled };

  /// Always the same.
  static LossScale fixed(double scale) { return {scale, false}; }
  static LossScale dynamic() { return {kStart, true}; }
  /// As [train] says; where it says nothing a scale is dynamic.
  static LossScale of(const dsl::LossScaleSpec& spec);

  bool is_dynamic() const noexcept { return dynamic_; }
  double value() const noexcept { return state_.scale; }
  const State& state() const noexcept { return state_; }
  /// Whether a gradient that is not finite may be so by this scale alone.
  bool may_be_halved() const noexcept { return dynamic_ && state_.scale > kLeast; }

  /// Takes note of a step, which was skipped where its gradient was not finite.
  Change after_step(bool finite) noexcept;
  /// Goes on from there. Throws GraphError where this scale cannot have been there.
  void restore(const State& state);

 private:
  LossScale(double scale, bool dynamic) : dynamic_(dynamic) { state_.scale = scale; }

  bool dynamic_ = false;
  State state_;
};

}  // namespace fcngraph::training
