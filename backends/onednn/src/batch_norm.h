// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "channel_walk.h"
#include "loop_kernel.h"

namespace fcngraph::onednn {

/// The scratch memory of the four batch-norm kernels: two sums for each image and channel, and up to three numbers a channel.
class ChannelScratch {
 public:
  static std::int64_t bytes(const ChannelWalk& walk) {
    return walk.padded_channels() *
           (2 * walk.images * static_cast<std::int64_t>(sizeof(double)) + 3 * static_cast<std::int64_t>(sizeof(float)));
  }
  ChannelScratch(const ChannelWalk& walk, std::byte* workspace)
      : walk_(walk),
        sums_(reinterpret_cast<double*>(workspace)),
        factors_(reinterpret_cast<float*>(sums_ + 2 * walk.images * walk.padded_channels())) {}

  /// Fills the sums of g, and of g * x, for each image.
  void sum(const float* g, const float* x) {
    const std::int64_t width = walk_.padded_channels();
    walk_.for_each([&](std::int64_t image, std::int64_t group, std::int64_t at) {
      double* to = sums_ + image * width + group * walk_.lanes;
      sum_group(walk_, walk_.width(group), g + at, x + at, to, to + walk_.images * width);
    });
  }
  /// The sum over images, in their order; `which` is 0 for g and 1 for g * x.
  double total(int which, std::int64_t channel) const {
    const double* sums = sums_ + which * walk_.images * walk_.padded_channels() + channel;
    double total = 0;
    for (std::int64_t n = 0; n < walk_.images; ++n) total += sums[n * walk_.padded_channels()];
    return total;
  }
  /// Factor `which` of each channel; those of padding must be 0, so that padding stays 0.
  float* factor(int which) { return factors_ + which * walk_.padded_channels(); }
  void clear_factors() { std::fill_n(factors_, 3 * walk_.padded_channels(), 0.0f); }

 private:
  const ChannelWalk& walk_;
  double* sums_;
  float* factors_;
};

/// Writes where somebody reads.
inline void put(float* to, std::int64_t i, double value) {
  if (to != nullptr) to[i] = static_cast<float>(value);
}
inline float* optional_output(const LaunchArgs& args, std::size_t i) {
  return i < args.results.size() ? output(args, i) : nullptr;
}

/// x in the layout that it has, if a walk knows it; operands and results of its shape in the same; all else plain.
Capability channel_capability(const StepView& step);

}  // namespace fcngraph::onednn
