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

}  // namespace fcngraph::ops
