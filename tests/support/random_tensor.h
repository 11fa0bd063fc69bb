// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/interpret.h>
#include <fcngraph/engine/random.h>

namespace fcngraph {

/// What random elements are drawn from.
struct RandomRange {
  double low = -1.0, high = 1.0;  ///< floating types: uniform in [low, high)
  std::int64_t classes = 4;       ///< integers: uniform in [0, classes)
};

/// A tensor of that type in plain layout (f32, f64, i32, i64, u8). The numbers follow from the key alone.
inline HostTensor random_tensor(const TensorType& type, std::uint64_t key, const RandomRange& range = {}) {
  HostTensor out = HostTensor::zeros(type);
  const auto fill = [&]<class T>(T* data) {
    for (std::int64_t i = 0; i < type.shape.elements(); ++i) {
      const auto counter = static_cast<std::uint64_t>(i);
      if (is_floating(type.dtype)) {
        data[i] = static_cast<T>(range.low + (range.high - range.low) * random_uniform(key, counter));
      } else {
        data[i] = static_cast<T>(random_below(key, counter, static_cast<std::uint64_t>(range.classes)));
      }
    }
  };
  switch (type.dtype) {
    case DType::f32:
      fill(out.as<float>());
      break;
    case DType::f64:
      fill(out.as<double>());
      break;
    case DType::i32:
      fill(out.as<std::int32_t>());
      break;
    case DType::i64:
      fill(out.as<std::int64_t>());
      break;
    case DType::u8:
      fill(out.as<std::uint8_t>());
      break;
    default:
      throw GraphError("no random tensors of type " + std::string(name_of(type.dtype)));
  }
  return out;
}

}  // namespace fcngraph
