// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <fcngraph/engine/export.h>

namespace fcngraph {

/// What a tensor was seen to reach in f32, as f16 would see it.
struct ValueRange {
  /// f16 ends at 65504. Values of other images are larger than those seen: within a factor of 8 of the end is near it.
  static constexpr float kLargest = 65504.0F, kNear = kLargest / 8;

  float largest = 0;            ///< magnitude among the finite ones
  std::int64_t not_finite = 0;  ///< how many were infinite or no numbers

  /// Whether f16 holds it, and what comes after it.
  bool fits() const noexcept { return not_finite == 0 && largest <= kNear; }
  bool operator==(const ValueRange&) const = default;

  FCNGRAPH_API void add(std::span<const float> values);
  void add(const ValueRange& other) noexcept {
    largest = other.largest > largest ? other.largest : largest;
    not_finite += other.not_finite;
  }
};

}  // namespace fcngraph
