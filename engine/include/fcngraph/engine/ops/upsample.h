// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph {

enum class Interpolation : std::uint8_t { bilinear, nearest };
template <>
struct EnumNames<Interpolation> {
  static constexpr std::array names{"bilinear", "nearest"};
};

struct UpsampleAttrs {
  Extent2 factor{1, 1};
  Interpolation kind = Interpolation::bilinear;
  static constexpr auto fields() {
    return std::tuple{Field{"factor", &UpsampleAttrs::factor, "how many times higher and wider the output is", true},
                      Field{"kind", &UpsampleAttrs::kind, "how pixels in between are made"}};
  }
};

namespace ops {

/// x NCHW -> [N, C, H * factor.h, W * factor.w] with half-pixel centres, as TensorFlow 2 and Keras' UpSampling2D:
/// output pixel d lies at s = (d + 0.5) / factor - 0.5 of the input. `bilinear` mixes the pixels floor(s) and
/// floor(s) + 1 by the fraction of s, both clamped to the image; `nearest` takes pixel floor(d / factor).
FCNGRAPH_API const OpDef& upsample();
/// (grad_y) -> grad_x. Each input pixel sums the outputs that read it, in row-major order.
FCNGRAPH_API const OpDef& upsample_grad();

}  // namespace ops
}  // namespace fcngraph
