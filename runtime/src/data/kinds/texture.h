// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace fcngraph::data {

/// The pattern that tells a class of the synthetic data: stripes, checks, dots or a weave, with an orientation and a
/// period of the class's own; class 0, the background, has soft blotches. Only the phase differs from shape to shape.
class Texture {
 public:
  Texture(std::int64_t label, std::uint64_t key);
  /// Brightness at a pixel, -1 to 1.
  double at(double y, double x) const noexcept;

 private:
  enum class Family { blotches, stripes, checks, dots, weave };
  Family family_;
  double frequency_;  ///< radians a pixel
  double cosine_, sine_;
  double phase_u_, phase_v_;
  std::uint64_t key_;
};

}  // namespace fcngraph::data
