// SPDX-License-Identifier: Apache-2.0
#include "operations.h"

#include <cstdio>

#include <fcngraph/engine/ops/conv2d.h>

namespace fcngraph::onednn {
namespace {

double tiles(const Shape& map) { return static_cast<double>(map[0] * ((map[2] + 3) / 4) * ((map[3] + 3) / 4)); }

double channel_pairs(const TensorType& a, const TensorType& b) {
  return static_cast<double>(a.shape[1]) * static_cast<double>(b.shape[1]);
}

/// 36 products for each tile of 4x4 sums.
double winograd(const StepView& step) {
  if (step.op == &ops::conv2d_grad_weight()) {
    const TensorType &x = *step.operands[0], &grad_y = *step.operands[1];
    return 2 * 36 * channel_pairs(x, grad_y) * tiles(grad_y.shape);
  }
  const TensorType &x = *step.operands[0], &y = *step.results[0];
  Shape sums = y.shape;
  if (step.op == &ops::conv2d()) {
    const Extent2 all = window_output(step.attrs->as<Conv2dAttrs>().window(), x.shape[2], x.shape[3]);
    sums = {x.shape[0], y.shape[1], all.h, all.w};
  }
  return 2 * 36 * channel_pairs(x, y) * tiles(sums);
}

/// A complex product for each number of a real map's spectrum, of which half is the mirror of the other half.
double fourier(const StepView& step, const std::string& weight_tag) {
  int down = 0, across = 0;
  if (std::sscanf(weight_tag.c_str(), "fourier%dx%d", &down, &across) != 2) return 0;
  int numbers = 0;
  for (int i = 0; i <= across / 2; ++i) numbers += i == 0 || 2 * i == across ? down / 2 + 1 : down;
  const TensorType &x = *step.operands[0], &y = *step.results[0];
  return 8.0 * numbers * channel_pairs(x, y) * static_cast<double>(x.shape[0]);
}

}  // namespace

double operations_of(const StepView& step, const Capability& answer) {
  if (answer.kernel.starts_with("winograd4x4:pack")) return 0;
  if (answer.kernel.starts_with("winograd")) return winograd(step);
  if (answer.kernel.starts_with("fourier:") && answer.operands.size() > 1) return fourier(step, answer.operands[1].tag);
  return 0;
}

}  // namespace fcngraph::onednn
