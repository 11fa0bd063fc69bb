// SPDX-License-Identifier: Apache-2.0
#include "initialize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/random.h>

namespace fcngraph {
namespace {

// Numbers are made in blocks: random bits first, since 64-bit products do not vectorise, then the arithmetic, which does.
constexpr std::int64_t kBlock = 1024;

template <class T>
void fill_normal_block(std::uint64_t key, std::int64_t begin, std::int64_t count, float stddev, T* out) {
  std::array<std::uint64_t, kBlock / 2> bits;
  std::array<float, kBlock / 2> cosines, sines;
  const std::int64_t pairs = (count + 1) / 2;
  for (std::int64_t i = 0; i < pairs; ++i) bits[i] = random_bits(key, static_cast<std::uint64_t>(begin / 2 + i));
  for (std::int64_t i = 0; i < pairs; ++i) {
    const NormalPair pair = normal_pair(bits[i]);
    cosines[i] = pair.cosine * stddev;
    sines[i] = pair.sine * stddev;
  }
  for (std::int64_t i = 0; i < count / 2; ++i) {
    out[begin + 2 * i] = static_cast<T>(cosines[i]);
    out[begin + 2 * i + 1] = static_cast<T>(sines[i]);
  }
  if (count % 2 != 0) out[begin + count - 1] = static_cast<T>(cosines[pairs - 1]);
}

template <class T>
void fill_normal(std::uint64_t key, double stddev, std::int64_t count, T* out) {
  const std::int64_t blocks = (count + kBlock - 1) / kBlock;
#pragma omp parallel for schedule(static) if (blocks > 16)
  for (std::int64_t b = 0; b < blocks; ++b) {
    fill_normal_block(key, b * kBlock, std::min(kBlock, count - b * kBlock), static_cast<float>(stddev), out);
  }
}

template <class T>
void fill_uniform(std::uint64_t key, double limit, std::int64_t count, T* out) {
#pragma omp parallel for schedule(static) if (count > 16 * kBlock)
  for (std::int64_t i = 0; i < count; ++i) {
    out[i] = static_cast<T>((2.0 * random_uniform(key, static_cast<std::uint64_t>(i)) - 1.0) * limit);
  }
}

/// Tap x of a bilinear kernel of `size` taps.
double bilinear_tap(std::int64_t size, std::int64_t x) {
  const std::int64_t half = (size + 1) / 2;
  const auto factor = static_cast<double>(half);
  const double centre = size % 2 == 1 ? factor - 1.0 : factor - 0.5;
  return 1.0 - std::abs(static_cast<double>(x) - centre) / factor;
}

template <class T>
void fill_bilinear(const Shape& shape, T* out) {
  std::fill(out, out + shape.elements(), T(0));
  const std::int64_t inner = shape[1], height = shape[2], width = shape[3];
  for (std::int64_t o = 0; o < shape[0]; ++o) {
    if (inner > 1 && o >= inner) break;
    const std::int64_t plane = o * inner + (inner > 1 ? o : 0);  // one input channel a group: every kernel is its own
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        out[(plane * height + y) * width + x] = static_cast<T>(bilinear_tap(height, y) * bilinear_tap(width, x));
      }
    }
  }
}

/// fan_in and fan_out; a vector has its length as both.
std::pair<double, double> fans(const Shape& shape) {
  if (shape.rank() == 0) return {1.0, 1.0};
  if (shape.rank() == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
  double field = 1;
  for (std::size_t i = 2; i < shape.rank(); ++i) field *= static_cast<double>(shape[i]);
  return {std::max(1.0, field * static_cast<double>(shape[1])), std::max(1.0, field * static_cast<double>(shape[0]))};
}

template <class T>
void fill(const Initializer& init, std::uint64_t key, std::string_view name, const Shape& shape, T* out) {
  const std::int64_t count = shape.elements();
  const auto [fan_in, fan_out] = fans(shape);
  switch (init.kind) {
    case Initializer::Kind::zeros:
      return std::fill(out, out + count, T(0)), void();
    case Initializer::Kind::ones:
      return std::fill(out, out + count, T(1)), void();
    case Initializer::Kind::constant:
      return std::fill(out, out + count, static_cast<T>(init.value)), void();
    case Initializer::Kind::he_normal:
      return fill_normal(key, std::sqrt(2.0 / fan_in), count, out);
    case Initializer::Kind::glorot_uniform:
      return fill_uniform(key, std::sqrt(6.0 / (fan_in + fan_out)), count, out);
    case Initializer::Kind::bilinear:
      if (shape.rank() != 4)
        throw GraphError("'" + std::string(name) + "': a bilinear start needs a weight of rank 4, got " +
                         to_string(shape));
      return fill_bilinear(shape, out);
  }
}

}  // namespace

void initialize(const Initializer& init, std::uint64_t seed, std::string_view name, const TensorType& type,
                std::span<std::byte> out) {
  FCNGRAPH_ASSERT(out.size() == static_cast<std::size_t>(bytes_of(type)), "an initializer got another size");
  const std::uint64_t key = random_key(seed, name);
  if (type.dtype == DType::f32) return fill(init, key, name, type.shape, reinterpret_cast<float*>(out.data()));
  if (type.dtype == DType::f64) return fill(init, key, name, type.shape, reinterpret_cast<double*>(out.data()));
  if (init.kind != Initializer::Kind::zeros) {
    throw GraphError("'" + std::string(name) + "': " + to_string(type) + " can only start at zero");
  }
  std::memset(out.data(), 0, out.size());
}

}  // namespace fcngraph
