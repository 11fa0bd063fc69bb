// SPDX-License-Identifier: Apache-2.0
#include "data/kinds/texture.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fcngraph/engine/random.h>

namespace fcngraph::data {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;

// Steep enough to be a pattern of two tones, soft enough not to alias.
double two_tone(double wave) { return std::clamp(2.5 * wave, -1.0, 1.0); }

// Random values on a grid, joined smoothly.
double blotches(std::uint64_t key, double u, double v) {
  const double u0 = std::floor(u), v0 = std::floor(v);
  const auto corner = [&](double du, double dv) {
    const auto a = static_cast<std::uint64_t>(static_cast<std::int64_t>(u0 + du));
    const auto b = static_cast<std::uint64_t>(static_cast<std::int64_t>(v0 + dv));
    return 2 * random_uniform(random_key(key, a), b) - 1;
  };
  const auto smooth = [](double t) { return t * t * (3 - 2 * t); };
  const double s = smooth(u - u0), t = smooth(v - v0);
  return std::lerp(std::lerp(corner(0, 0), corner(1, 0), s), std::lerp(corner(0, 1), corner(1, 1), s), t);
}

}  // namespace

Texture::Texture(std::int64_t label, std::uint64_t key) : key_(key) {
  constexpr Family kFamilies[] = {Family::stripes, Family::checks, Family::dots, Family::weave};
  constexpr double kPeriods[] = {7, 18, 10, 12};          // of each family's first class
  constexpr double kStretch[] = {1, 1.5, 0.75, 2, 1.25};  // of its later ones
  const std::int64_t k = label - 1, variant = k / 4;
  family_ = label == 0 ? Family::blotches : kFamilies[k % 4];
  // Each family's first class is upright; the later ones turn by the golden angle of a half turn, so that no two meet.
  const double angle = label == 0 ? 0 : std::fmod(static_cast<double>(variant) * 0.381966, 1.0) * std::numbers::pi;
  const double period = label == 0 ? 20 : kPeriods[k % 4] * kStretch[variant % 5];
  frequency_ = kTurn / period;
  cosine_ = std::cos(angle);
  sine_ = std::sin(angle);
  phase_u_ = kTurn * random_uniform(key, 0);
  phase_v_ = kTurn * random_uniform(key, 1);
}

double Texture::at(double y, double x) const noexcept {
  const double u = frequency_ * (cosine_ * y - sine_ * x) + phase_u_;
  const double v = frequency_ * (sine_ * y + cosine_ * x) + phase_v_;
  switch (family_) {
    case Family::blotches:
      return blotches(key_, u, v);
    case Family::stripes:
      return two_tone(std::sin(u));
    case Family::checks:
      return two_tone(2 * std::sin(u) * std::sin(v));
    case Family::dots:
      return two_tone(std::sin(u) + std::sin(v) - 0.9);
    case Family::weave:
      break;
  }
  return two_tone(std::sin(2 * u) + 0.5 * std::sin(v));
}

}  // namespace fcngraph::data
