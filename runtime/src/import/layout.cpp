// SPDX-License-Identifier: Apache-2.0
#include "import/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/half.h>

#include "not_finite.h"

namespace fcngraph::import {
namespace {

std::string as_tuple(const Shape& shape) { return fmt::format("({})", fmt::join(shape.dims(), ", ")); }

template <class From, class Convert>
Tensor converted(const Tensor& tensor, Convert convert) {
  Tensor out = Tensor::zeros({DType::f32, tensor.type.shape, {}});
  const auto count = static_cast<std::size_t>(tensor.type.shape.elements());
  std::transform(tensor.as<From>(), tensor.as<From>() + count, out.as<float>(), convert);
  return out;
}

Tensor to_f32(Tensor tensor) {
  switch (tensor.type.dtype) {
    case DType::f64:
      return converted<double>(tensor, [](double x) { return static_cast<float>(x); });
    case DType::f16:
      return converted<std::uint16_t>(tensor, half_to_float);
    case DType::bf16:
      return converted<std::uint16_t>(tensor, bfloat_to_float);
    default:
      return tensor;
  }
}

/// (H, W, I, O) as [O, I, H, W], in blocks of outputs that stay in the cache.
Tensor to_oihw(const Tensor& tensor, const Shape& hwio) {
  const std::int64_t area = hwio[0] * hwio[1], inputs = hwio[2], outputs = hwio[3];
  Tensor out = Tensor::zeros({DType::f32, {outputs, inputs, hwio[0], hwio[1]}, {}});
  const float* from = tensor.as<float>();
  float* to = out.as<float>();
  constexpr std::int64_t kBlock = 32;
#pragma omp parallel for schedule(static) if (outputs > 2 * kBlock)
  for (std::int64_t first = 0; first < outputs; first += kBlock) {
    const std::int64_t last = std::min(outputs, first + kBlock);
    for (std::int64_t i = 0; i < inputs; ++i) {
      for (std::int64_t p = 0; p < area; ++p) {
        const float* row = from + (p * inputs + i) * outputs;
        for (std::int64_t o = first; o < last; ++o) to[(o * inputs + i) * area + p] = row[o];
      }
    }
  }
  return out;
}

/// The shape (H, W, I, O) of a dense kernel (H W I, O) behind `before` channels.
Shape dense_shape(const Shape& shape, std::int64_t before) {
  if (before > 0 && shape[0] % before == 0) {
    const std::int64_t area = shape[0] / before;
    const auto side = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(area))));
    if (side * side == area) return {side, side, before, shape[1]};
  }
  return {1, 1, shape[0], shape[1]};
}

class KerasPlacer {
 public:
  KerasPlacer(const std::string& file, ImportedWeights& out) : file_(file), out_(out) {}

  void place(const SourceTensor& source) {
    Tensor tensor = source.read();
    if (!is_floating(tensor.type.dtype)) return leave(source, tensor, "holds no floating-point numbers");
    const Shape given = tensor.type.shape;
    tensor = to_f32(std::move(tensor));
    if (const auto i = first_not_finite(tensor.type, tensor.data); i >= 0)
      throw IoError(file_, not_finite_message(source.path, i));
    const auto rank = given.rank();
    if (source.layer.empty()) return leave(source, tensor, "its name says no layer");
    if (source.variable == "kernel" && rank == 4) return keep(source, "weight", to_oihw(tensor, given), "H, W, I, O");
    if (source.variable == "kernel" && rank == 2) {
      const Shape hwio = dense_shape(given, before_);
      return keep(source, "weight", to_oihw(tensor, hwio), "as " + as_tuple(hwio) + ", flattened in the order H, W, C",
                  true);
    }
    if (source.variable == "depthwise_kernel" && rank == 4) {
      Tensor weight = to_oihw(tensor, {given[0], given[1], 1, checked_mul(given[2], given[3])});
      return keep(source, "weight", std::move(weight), "H, W, C, M");
    }
    const bool plain = source.variable == "bias" || source.variable == "gamma" || source.variable == "beta" ||
                       source.variable == "mean" || source.variable == "variance";
    if (plain && rank == 1) return keep(source, source.variable, std::move(tensor), "");
    leave(source, tensor, "no layer of ours has such a tensor");
  }

 private:
  void keep(const SourceTensor& source, const std::string& variable, Tensor tensor, const std::string& how,
            bool reshaped = false) {
    const std::string name = source.layer + "." + variable;
    if (out_.weights.contains(name))
      throw IoError(file_, fmt::format("has two tensors for '{}', the second is '{}'", name, source.path));
    if (variable == "weight") before_ = tensor.type.shape[0];
    const TensorOrigin origin{fmt::format("from '{}'{}{}", source.path, how.empty() ? "" : ", ", how), reshaped};
    out_.report.rows.push_back({name, reshaped ? "reshaped" : "loaded", to_string(tensor.type) + " " + origin.text});
    ++out_.report.loaded;
    if (reshaped) ++out_.report.reshaped;
    out_.weights.set(name, std::move(tensor), origin);
  }

  void leave(const SourceTensor& source, const Tensor& tensor, const std::string& why) {
    out_.report.rows.push_back({source.path, "unused", to_string(tensor.type) + ", " + why});
    ++out_.report.unused;
  }

  const std::string& file_;
  ImportedWeights& out_;
  std::int64_t before_ = 0;  ///< outputs of the last layer with a kernel
};

}  // namespace

void place_keras(const Source& source, const std::string& file, ImportedWeights& out) {
  KerasPlacer placer(file, out);
  for (const SourceTensor& tensor : source) placer.place(tensor);
  if (out.report.loaded == 0) throw IoError(file, "holds no tensor that a layer of ours has");
}

}  // namespace fcngraph::import
