// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <vector>

#include <fcngraph/engine/ops/pairwise_sum.h>

#include "operand_checks.h"
#include "optional_view.h"

namespace fcngraph::ops {

/// The sum over images in the fixed tree.
template <class T>
double image_sum(const TensorView& images) {
  const T* first = images.as<T>();
  std::vector<double> values(first, first + images.elements());
  return pairwise_sum(values);
}

/// What a sum of losses is divided by: operand 2 where it is given, else the sum of operand 1.
template <class T>
double loss_divisor(const ReferenceArgs& args) {
  const TensorView normalizer = optional_view(args.operands, 2);
  return normalizer.present() ? static_cast<double>(*normalizer.as<T>()) : image_sum<T>(args.operands[1]);
}

}  // namespace fcngraph::ops
