// SPDX-License-Identifier: Apache-2.0
#include "batch_norm.h"

#include "elementwise.h"

namespace fcngraph::onednn {

Capability channel_capability(const StepView& step) {
  Capability answer = same_layout_capability(step, "loop", "each channel in the layout of x, sums in double");
  TensorType x = with_layout(*step.operands[0], answer.operands[0]);
  if (!channel_order(x)) {
    answer = plain_capability(step, "loop", "each channel in plain layout, sums in double");
    x.layout = {};
  }
  answer.workspace = ChannelScratch::bytes(ChannelWalk::over(x));
  return answer;
}

}  // namespace fcngraph::onednn
