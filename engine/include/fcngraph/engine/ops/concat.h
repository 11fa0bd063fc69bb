// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph {

struct SliceChannelsAttrs {
  std::int64_t first = 0;
  std::int64_t count = 0;
  static constexpr auto fields() {
    return std::tuple{Field{"first", &SliceChannelsAttrs::first, "the first channel that is kept", true},
                      Field{"count", &SliceChannelsAttrs::count, "how many channels are kept", true}};
  }
};

namespace ops {

/// One or more NCHW tensors of one dtype, N, H and W -> their channels one after the other, in the order of the
/// operands.
FCNGRAPH_API const OpDef& concat();
/// x NCHW -> channels first .. first + count - 1: the gradient of one operand of concat.
FCNGRAPH_API const OpDef& slice_channels();

}  // namespace ops
}  // namespace fcngraph
