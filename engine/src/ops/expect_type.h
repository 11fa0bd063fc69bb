// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

inline std::string quoted(const std::string& name) { return "'" + name + "'"; }

/// Reports when operand i, called `name`, has another element type or shape; true when it fits.
inline bool expect_type(const InferContext& c, std::size_t i, const std::string& name, DType dtype,
                        const Shape& shape) {
  const TensorType& got = c.operand(i);
  if (got.dtype == dtype && got.shape == shape) return true;
  c.error("expected " + quoted(name) + " of type " + to_string(TensorType{dtype, shape, {}}) + ", got " +
          to_string(got));
  return false;
}

/// Reports when operand i, called `name`, does not hold floating-point numbers; true when it does.
inline bool expect_floating(const InferContext& c, std::size_t i, const std::string& name) {
  if (is_floating(c.operand(i).dtype)) return true;
  c.error("expected " + quoted(name) + " of a floating-point type, got " + to_string(c.operand(i)));
  return false;
}

/// Reports when operand i, called `name`, is not one f32 or f64 number; true when it is.
inline bool expect_scalar(const InferContext& c, std::size_t i, const std::string& name) {
  const TensorType& got = c.operand(i);
  if (got.shape.rank() == 0 && (got.dtype == DType::f32 || got.dtype == DType::f64)) return true;
  c.error("expected " + quoted(name) + " of type f32[] or f64[], got " + to_string(got));
  return false;
}

/// Reports when attribute `name` is outside [low, high] (or not a number); true when it is inside.
inline bool expect_between(const InferContext& c, const std::string& name, double value, double low, double high) {
  if (value >= low && value <= high) return true;
  c.error("expected " + name + " in [" + to_string(AttrValue(low)) + ", " + to_string(AttrValue(high)) + "], got " +
          to_string(AttrValue(value)));
  return false;
}

}  // namespace fcngraph::ops
