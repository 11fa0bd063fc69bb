// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <fcngraph/engine/types.h>

#include "layout.h"
#include "parallel.h"

namespace fcngraph::onednn {

/// How loops that treat each channel of an NCHW tensor in its own way go over it: in groups of `lanes` channels that lie side by
/// side, pixel after pixel `stride` numbers apart. Plain tensors have groups of one.
struct ChannelWalk {
  static constexpr std::int64_t kMostLanes = 16;

  std::int64_t images = 0, channels = 0, pixels = 0;
  std::int64_t lanes = 1, groups = 0, stride = 1;
  std::int64_t image_stride = 0, group_stride = 0;

  /// The walk over a tensor in one of the layouts of channel_order; of ranks other than 4 only the plain one.
  static ChannelWalk over(const TensorType& type);

  /// Channels with those that only pad the last group.
  std::int64_t padded_channels() const { return groups * lanes; }
  std::int64_t offset(std::int64_t image, std::int64_t group) const {
    return image * image_stride + group * group_stride;
  }
  /// Channels of this group that are in memory: with the channels last, the last group may be narrow.
  std::int64_t width(std::int64_t group) const;

  /// f(image, group, offset of its first number), in parallel.
  template <class F>
  void for_each(const F& f) const {
    parallel_for(images * groups,
                 [&](std::int64_t task) { f(task / groups, task % groups, offset(task / groups, task % groups)); });
  }

 private:
  bool narrow_ = false;
};

/// The layouts that a walk knows; plain is the fallback for all others.
std::string walkable_tag(const TensorType& type);

/// sum[l] and dot[l] over the pixels of one group: of g, and of g times x where x is given. In double.
void sum_group(const ChannelWalk& walk, std::int64_t width, const float* g, const float* x, double* sum, double* dot);

/// to = a[l] * x + b[l] over one group. `to` may be x.
void affine_group(const ChannelWalk& walk, std::int64_t width, float* to, const float* x, const float* a,
                  const float* b);

/// to = a[l] * g + b[l] * x + c[l] over one group. `to` may be g or x.
void affine2_group(const ChannelWalk& walk, std::int64_t width, float* to, const float* g, const float* x,
                   const float* a, const float* b, const float* c);

}  // namespace fcngraph::onednn
