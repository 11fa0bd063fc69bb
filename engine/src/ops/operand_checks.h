// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// Reports, and yields the empty list with which a shape rule says that the types do not fit.
inline std::vector<TensorType> refuse(const InferContext& c, const std::string& message) {
  c.error(message);
  return {};
}

/// Whether operand i is a batch of feature maps: floating, rank 4, every extent at least 1. Reports when it is not.
inline bool expect_features(const InferContext& c, std::size_t i) {
  if (!c.expect_rank(i, 4)) return false;
  const TensorType& type = c.operand(i);
  bool good = is_floating(type.dtype);
  for (const std::int64_t extent : type.shape.dims()) good = good && extent >= 1;
  if (!good) {
    c.error("expected operand " + std::to_string(i) + " of a floating type and extents of at least 1, got " +
            to_string(type));
  }
  return good;
}

/// Whether operand i has the dtype and the shape of `like`, whatever the layouts. Reports when it has not.
inline bool expect_same(const InferContext& c, std::size_t i, const TensorType& like) {
  const TensorType& type = c.operand(i);
  if (type.dtype == like.dtype && type.shape == like.shape) return true;
  c.error("expected operand " + std::to_string(i) + " to be " + to_string(TensorType{like.dtype, like.shape, {}}) +
          ", got " + to_string(type));
  return false;
}

/// A tensor type in plain layout.
inline TensorType plain(DType dtype, Shape shape) { return {dtype, std::move(shape), {}}; }

/// "7 x 9": height and width in messages.
inline std::string extent_text(std::int64_t height, std::int64_t width) {
  return std::to_string(height) + " x " + std::to_string(width);
}

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
