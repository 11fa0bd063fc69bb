// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <fcngraph/engine/backend.h>
#include <fcngraph/engine/ops/conv2d.h>

#include "layer.h"
#include "transform.h"
#include "weights.h"

namespace fcngraph::onednn::fourier {

/// Whether a conv2d is one that products of spectra can compute: stride 1, no dilation or groups, short periods.
bool has_form(const StepView& step);

/// The period of both axes, or, for spectra of rows, of the one along x.
Extent2 period_of(const StepView& step, bool of_rows);

/// Multiply-adds of a pair of channels and an image, with weights packed so: four for each number of a spectrum, one where all are real.
double products(const StepView& step, const Packing& packing);

/// The tables of a conv2d, and the layer that refers to them. `x` and `y` lie in whole vectors of `lanes` numbers.
class Tables {
 public:
  Tables(const StepView& step, const TensorType& x, const TensorType& y, std::int64_t lanes, bool of_rows);

  Layer layer() const;
  bool of_rows() const { return period_.h == 1; }
  std::int64_t x_numbers() const;  ///< of the spectra of x
  std::int64_t y_numbers() const;  ///< and of y
  std::int64_t products() const;   ///< items of the multiplication

 private:
  Extent2 period_;
  Waves in_across_, in_down_, out_across_, out_down_;
  std::vector<std::int64_t> down_;
  Layer layer_;
};

}  // namespace fcngraph::onednn::fourier
