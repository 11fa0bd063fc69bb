// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>

#include <fcngraph/engine/ops/optimizer.h>

#include "operand_checks.h"
#include "optional_view.h"

namespace fcngraph::ops {

/// Reports when the gradient or a state that is there differs in type from the parameter, or when a number is not one.
inline bool update_fits(const InferContext& c, const OpDef& op) {
  const OptimizerOperands at = optimizer_operands(op);
  const TensorType& param = c.operand(at.param);
  if (!expect_floating(c, at.param, "param") || !expect_type(c, at.grad, "grad", param.dtype, param.shape))
    return false;
  for (std::size_t i = 0; i < op.operands.size(); ++i) {
    const OperandDef& operand = op.operands[i];
    if (operand.kind != OperandDef::Kind::state || !c.has(i)) continue;
    if (!expect_type(c, i, operand.name, param.dtype, param.shape)) return false;
  }
  if (!expect_scalar(c, *at.lr, "lr")) return false;
  if (at.step && !expect_type(c, *at.step, "step", DType::i64, Shape{})) return false;
  if (c.has(*at.scale) && !expect_scalar(c, *at.scale, "scale")) return false;
  return !c.has(*at.finite) || expect_scalar(c, *at.finite, "finite");
}

/// The value of a rank-0 operand, or `missing` where it is absent. Learning rate, scale and predicate stay f32 in f64
/// graphs.
inline double scalar_of(const TensorView& view, double missing = 1.0) {
  if (!view.present()) return missing;
  return view.type->dtype == DType::f64 ? *view.as<double>() : static_cast<double>(*view.as<float>());
}

/// The result of an update whose step is skipped: the old bits.
template <class T>
void keep(const TensorView& result, const TensorView& operand) {
  if (result.present() && operand.present() && result.data != operand.data)
    std::copy_n(operand.data, operand.elements() * static_cast<std::int64_t>(sizeof(T)), result.data);
}

template <class T>
void put(const TensorView& result, std::int64_t i, double value) {
  if (result.present()) result.as<T>()[i] = static_cast<T>(value);
}

}  // namespace fcngraph::ops
