// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/tensor.h>

#include <cstring>

#include <fcngraph/engine/error.h>

namespace fcngraph {
namespace {

template <class T>
void label_pixels(const T* planes, std::int64_t classes, std::int64_t pixels, std::uint8_t* labels) {
  std::vector<T> best(planes, planes + pixels);
  std::memset(labels, 0, static_cast<std::size_t>(pixels));
  for (std::int64_t c = 1; c < classes; ++c) {
    const T* plane = planes + c * pixels;
    for (std::int64_t p = 0; p < pixels; ++p) {
      const bool larger = plane[p] > best[static_cast<std::size_t>(p)];
      best[static_cast<std::size_t>(p)] = larger ? plane[p] : best[static_cast<std::size_t>(p)];
      labels[p] = larger ? static_cast<std::uint8_t>(c) : labels[p];
    }
  }
}

/// [N, rows, columns] of elements of `size` bytes as [N, columns, rows].
Tensor transposed(const Tensor& tensor, std::int64_t rows, std::int64_t columns, Shape shape) {
  Tensor out{{tensor.type.dtype, std::move(shape), {}}, std::vector<std::byte>(tensor.data.size())};
  const std::size_t size = size_of(tensor.type.dtype);
  for (std::int64_t n = 0; n < tensor.type.shape[0]; ++n) {
    const std::byte* from = tensor.data.data() + static_cast<std::size_t>(n * rows * columns) * size;
    std::byte* to = out.data.data() + static_cast<std::size_t>(n * rows * columns) * size;
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < columns; ++c)
        std::memcpy(to + static_cast<std::size_t>(c * rows + r) * size,
                    from + static_cast<std::size_t>(r * columns + c) * size, size);
    }
  }
  return out;
}

}  // namespace

LabelMap argmax(const Tensor& logits, std::int64_t n) {
  const Shape& shape = logits.type.shape;
  if (shape.rank() != 4) throw GraphError("argmax: expected logits [N, C, H, W], got " + to_string(logits.type));
  if (n < 0 || n >= shape[0])
    throw GraphError("argmax: image " + std::to_string(n) + " is outside of " + to_string(logits.type));
  const std::int64_t classes = shape[1], pixels = shape[2] * shape[3];
  if (classes < 1 || classes > 255)
    throw GraphError("argmax: expected 1 to 255 classes, got " + std::to_string(classes));
  LabelMap map = make_labels(shape[2], shape[3]);
  if (logits.type.dtype == DType::f32) {
    label_pixels(logits.as<float>() + n * classes * pixels, classes, pixels, map.labels.data());
  } else if (logits.type.dtype == DType::f64) {
    label_pixels(logits.as<double>() + n * classes * pixels, classes, pixels, map.labels.data());
  } else {
    throw GraphError("argmax: expected f32 or f64, got " + to_string(logits.type));
  }
  return map;
}

Tensor to_nhwc(const Tensor& tensor) {
  const Shape& s = tensor.type.shape;
  if (s.rank() != 4) return tensor;
  return transposed(tensor, s[1], s[2] * s[3], {s[0], s[2], s[3], s[1]});
}

Tensor to_nchw(const Tensor& tensor) {
  const Shape& s = tensor.type.shape;
  if (s.rank() != 4) return tensor;
  return transposed(tensor, s[1] * s[2], s[3], {s[0], s[3], s[1], s[2]});
}

}  // namespace fcngraph
