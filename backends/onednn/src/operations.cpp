// SPDX-License-Identifier: Apache-2.0
#include "operations.h"

#include <fcngraph/engine/ops/conv2d.h>

#include "fourier/weights.h"

namespace fcngraph::onednn {
namespace {

double tiles(const Shape& map) { return static_cast<double>(map[0] * ((map[2] + 3) / 4) * ((map[3] + 3) / 4)); }

double channel_pairs(const TensorType& a, const TensorType& b) {
  return static_cast<double>(a.shape[1]) * static_cast<double>(b.shape[1]);
}

/// 36 products for each tile of 4x4 sums.
double tile_products(const StepView& step) {
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

/// Pairs of a row of the result and a row of the kernel that meets the input there.
double rows_that_meet(const StepView& step) {
  const Shape& x = step.operands[0]->shape;
  const Window window = step.attrs->as<Conv2dAttrs>().window();
  const std::int64_t top = resolve_pads(window, x[2], x[3]).top;
  double pairs = 0;
  for (std::int64_t i = 0; i < step.results[0]->shape[2]; ++i) {
    for (std::int64_t a = 0; a < window.kernel.h; ++a) pairs += i + a >= top && i + a < top + x[2] ? 1 : 0;
  }
  return pairs;
}

/// A complex product for each number of a real map's spectrum, of which half is the mirror of the other half; of rows the product of
/// two real numbers where both are.
double spectra(const StepView& step, const fourier::Packing& packing) {
  const TensorType &x = *step.operands[0], &y = *step.results[0];
  const Extent2 period = packing.period;
  double numbers = 0;
  for (std::int64_t i = 0; i <= period.w / 2; ++i) {
    const bool real = i == 0 || 2 * i == period.w;
    if (packing.of_rows())
      numbers += real ? 0.25 : 1;
    else
      numbers += static_cast<double>(real ? period.h / 2 + 1 : period.h);
  }
  if (packing.of_rows()) numbers *= rows_that_meet(step);
  return 8 * numbers * channel_pairs(x, y) * static_cast<double>(x.shape[0]);
}

}  // namespace

double operations_of(const StepView& step, const Capability& answer) {
  if (answer.kernel.starts_with("winograd4x4:pack")) return 0;
  if (answer.kernel.starts_with("winograd")) return tile_products(step);
  if (step.op != &ops::conv2d() || answer.operands.size() < 2) return 0;
  const auto packing = fourier::packing_of(answer.operands[1]);
  return packing ? spectra(step, *packing) : 0;
}

}  // namespace fcngraph::onednn
