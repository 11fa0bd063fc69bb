// SPDX-License-Identifier: Apache-2.0
#include "data/kinds/synthetic_shape.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fcngraph/engine/random.h>

namespace fcngraph::data {
namespace {

// Sizes are stated for pictures of this size and scale with the shorter side.
constexpr double kNominal = 224;
constexpr double kSmall = 30, kLarge = 62;
constexpr double kFineShare = 0.2, kFine = 0.4;  // some shapes are this much smaller, for the finer heads to find

double box_distance(double u, double v, double half_u, double half_v) {
  const double a = std::abs(u) - half_u, b = std::abs(v) - half_v;
  return std::hypot(std::max(a, 0.0), std::max(b, 0.0)) + std::min(std::max(a, b), 0.0);
}

// Equilateral, circumradius r: the farthest of three half planes (exact inside, a little short beyond the corners).
double triangle_distance(double u, double v, double r) {
  const double half = std::numbers::sqrt3 / 2;
  return std::max({u, -0.5 * u + half * v, -0.5 * u - half * v}) - r / 2;
}

}  // namespace

SyntheticShape::SyntheticShape(std::uint64_t key, double height, double width) {
  const double scale = std::min(height, width) / kNominal;
  const double pick = random_uniform(key, 0);
  kind_ = pick < 0.3 ? Kind::disc : pick < 0.6 ? Kind::box : pick < 0.85 ? Kind::triangle : Kind::bar;
  const double fine = random_uniform(key, 6) < kFineShare ? kFine : 1;
  const double size = kSmall * std::pow(kLarge / kSmall, random_uniform(key, 1)) * scale * fine;
  const double aspect = 0.5 + 0.5 * random_uniform(key, 2);
  center_y_ = height * random_uniform(key, 3);
  center_x_ = width * random_uniform(key, 4);
  const double angle = 2 * std::numbers::pi * random_uniform(key, 5);
  cosine_ = std::cos(angle);
  sine_ = std::sin(angle);
  half_length_ = size;
  half_width_ = size;
  if (kind_ == Kind::box) half_width_ = size * aspect;
  if (kind_ == Kind::triangle) half_length_ = size * 1.3;
  if (kind_ == Kind::bar) {
    half_length_ = size * 1.6;
    half_width_ = (5 + 5 * aspect) * scale;
  }
  reach_ = kind_ == Kind::disc || kind_ == Kind::triangle ? half_length_ : std::hypot(half_length_, half_width_);
}

double SyntheticShape::distance(double y, double x) const noexcept {
  const double dy = y - center_y_, dx = x - center_x_;
  const double u = cosine_ * dy - sine_ * dx, v = sine_ * dy + cosine_ * dx;
  switch (kind_) {
    case Kind::disc:
      return std::hypot(u, v) - half_length_;
    case Kind::triangle:
      return triangle_distance(u, v, half_length_);
    case Kind::box:
    case Kind::bar:
      break;
  }
  return box_distance(u, v, half_length_, half_width_);
}

}  // namespace fcngraph::data
