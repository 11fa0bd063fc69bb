// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <fcngraph/weights.h>

namespace fcngraph::testing {

/// A world in which a frozen network has nothing left to learn: pictures of a pet with its border on a background, padded at the bottom
/// and right, and a backbone whose taps hold random, non-negative features of what a cell shows. Their means are those of VGG-19 on
/// pictures of 0 to 255: 100 at stride 8, 20 at stride 16, 0.5 at stride 32.
class FrozenFeatures {
 public:
  static constexpr std::int64_t kSize = 128, kChannels = 512, kImages = 80, kValImages = 16;

  /// Writes pictures, masks, data.toml and backbone.toml below `folder`. Other numbers, other pictures and features.
  FrozenFeatures(std::filesystem::path folder, std::uint64_t seed);

  std::string backbone() const { return (folder_ / "backbone.toml").string(); }
  std::string data() const { return (folder_ / "data.toml").string(); }
  /// Of the backbone, and of fc6 and fc7, which pass on what they are given.
  const Weights& weights() const { return weights_; }

 private:
  void write_split(const std::string& name, std::int64_t images, std::uint64_t seed) const;
  void add_tap(const std::string& name, std::int64_t channels, std::int64_t stride, double mean, std::uint64_t seed);
  void add_identity(const std::string& name);

  std::filesystem::path folder_;
  Weights weights_;
};

}  // namespace fcngraph::testing
