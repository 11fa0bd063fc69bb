// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace fcngraph::data {

/// A disc, box, triangle or bar, turned any way; all positions in pixels.
class SyntheticShape {
 public:
  /// A shape of a random kind, size and place in a picture of that size.
  SyntheticShape(std::uint64_t key, double height, double width);

  /// Signed distance of a point from the outline: negative inside.
  double distance(double y, double x) const noexcept;
  double center_y() const noexcept { return center_y_; }
  double center_x() const noexcept { return center_x_; }
  /// Nothing of the shape is farther from its centre.
  double reach() const noexcept { return reach_; }

 private:
  enum class Kind { disc, box, triangle, bar };
  Kind kind_;
  double center_y_, center_x_;
  double half_length_, half_width_;
  double cosine_, sine_;
  double reach_;
};

}  // namespace fcngraph::data
