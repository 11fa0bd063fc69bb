// SPDX-License-Identifier: Apache-2.0
#include "known_faults.h"

#include <fcngraph/engine/ops/conv2d.h>

namespace fcngraph::onednn {
namespace {

/// Along one axis: whether there is a window of which no tap meets the input.
bool misses(std::int64_t windows, std::int64_t taps, std::int64_t stride, std::int64_t dilation, std::int64_t pad,
            std::int64_t size) {
  for (std::int64_t i = 0; i < windows; ++i) {
    bool meets = false;
    for (std::int64_t a = 0; a < taps && !meets; ++a) {
      const std::int64_t at = i * stride + a * dilation - pad;
      meets = 0 <= at && at < size;
    }
    if (!meets) return true;
  }
  return false;
}

bool has_empty_window(const Window& w, std::int64_t height, std::int64_t width) {
  const Pads pads = resolve_pads(w, height, width);
  const Extent2 out = window_output(w, height, width);
  return misses(out.h, w.kernel.h, w.stride.h, w.dilation.h, pads.top, height) ||
         misses(out.w, w.kernel.w, w.stride.w, w.dilation.w, pads.left, width);
}

}  // namespace

std::string known_fault(const StepView& step) {
  const Shape& x = step.operands[0]->shape;
  if (step.op == &ops::conv2d()) {
    const auto& a = step.attrs->as<Conv2dAttrs>();
    // Its brgconv adds the wrong numbers to such pixels, or, with a ReLU behind, reads where there is no memory.
    const bool adds = a.epilogue == Epilogue::add || a.epilogue == Epilogue::add_relu;
    if (adds && has_empty_window(a.window(), x[2], x[3]))
      return "oneDNN breaks at an addend where a window lies in padding alone";
  }
  if (step.op == &ops::conv2d_grad_weight()) {
    const auto& a = step.attrs->as<Conv2dGradAttrs>();
    const std::int64_t filters = step.operands[1]->shape[1];
    // jit_1x1 copies the pixels that a stride leaves, and writes behind its scratch memory.
    const bool strided = a.kernel == Extent2{1, 1} && a.stride != Extent2{1, 1};
    if (strided && (filters % 16 != 0 || x[1] % 16 != 0))
      return "oneDNN's weight gradient of 1x1 taps with a stride breaks where channels do not fill vectors";
    const bool suits_vectors = filters % 16 == 0 && (x[1] % 16 == 0 || x[1] <= 4);
    if (!suits_vectors && has_empty_window(a.window(), x[2], x[3]))
      return "oneDNN's weight gradient by matrix products is wrong where a window lies in padding alone";
  }
  return {};
}

}  // namespace fcngraph::onednn
