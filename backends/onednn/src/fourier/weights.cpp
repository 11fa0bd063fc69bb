// SPDX-License-Identifier: Apache-2.0
#include "weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <string>
#include <vector>

#include <fcngraph/engine/half.h>

#include "../blocked_image.h"
#include "../parallel.h"

namespace fcngraph::onednn::fourier {
namespace {

constexpr std::int64_t kMostLanes = 16, kLine = 64;
constexpr double kNearlyAsNear = 1.5;

using Lanes = std::array<double, kMostLanes>;
struct Complex {
  Lanes re{}, im{};
};

/// to += (cos + i sin) * from, for `lanes` channels side by side.
FCNGRAPH_VECTORIZED void add_turned(Complex& to, const Complex& from, double cosine, double sine, std::int64_t lanes) {
  for (std::int64_t l = 0; l < lanes; ++l) {
    const auto at = static_cast<std::size_t>(l);
    to.re[at] += from.re[at] * cosine - from.im[at] * sine;
    to.im[at] += from.im[at] * cosine + from.re[at] * sine;
  }
}

/// Cosine and sine of 2 pi * product / period.
struct Turn {
  double cosine, sine;
  Turn(std::int64_t product, std::int64_t period) {
    const double turns = static_cast<double>(product % period) / static_cast<double>(period);
    cosine = std::cos(2 * std::numbers::pi * turns);
    sine = std::sin(2 * std::numbers::pi * turns);
  }
};

/// [frequency][tap]
std::vector<Turn> turns(std::int64_t period, std::int64_t taps) {
  std::vector<Turn> out;
  for (std::int64_t f = 0; f < period; ++f) {
    for (std::int64_t t = 0; t < taps; ++t) out.emplace_back(f * t, period);
  }
  return out;
}

/// Writes vectors of numbers, each lane times its factor: in f32, or as its type.
struct Writer {
  std::byte* base;
  DType type;
  std::int64_t lanes;

  void operator()(std::int64_t offset, const Lanes& numbers, const Lanes& factor) const {
    for (std::int64_t l = 0; l < lanes; ++l) {
      const auto at = static_cast<std::size_t>(l);
      reinterpret_cast<float*>(base)[offset + l] = static_cast<float>(numbers[at] * factor[at]);
    }
  }

  /// As its type; in 16 bits `lost` sums up what rounding took from the channels.
  void operator()(std::int64_t offset, const Lanes& numbers, const Lanes& factor, Lanes& lost) const {
    if (type == DType::f32) return (*this)(offset, numbers, factor);
    for (std::int64_t l = 0; l < lanes; ++l) {
      const auto at = static_cast<std::size_t>(l);
      reinterpret_cast<std::uint16_t*>(base)[offset + l] = narrow(numbers[at] * factor[at], lost[at]);
    }
  }

  double widened(std::uint16_t bits) const {
    return static_cast<double>(type == DType::f16 ? half_to_float(bits) : bfloat_to_float(bits));
  }

  /// The nearest number; or its neighbour on the value's other side, where that is nearly as near and makes up for what was lost so far.
  /// Data behind a ReLU has a mean: what the channels have in common meets the sum of what they have lost.
  std::uint16_t narrow(double value, double& lost) const {
    const auto narrowed = static_cast<float>(value);
    const std::uint16_t nearest = type == DType::f16 ? float_to_half(narrowed) : float_to_bfloat(narrowed);
    const double kept = widened(nearest), loss = value - kept;
    if (!std::isfinite(loss) || kept == 0) return nearest;
    const auto other = static_cast<std::uint16_t>(std::abs(value) > std::abs(kept) ? nearest + 1 : nearest - 1);
    const double other_loss = value - widened(other);
    const bool takes_other =
        std::abs(other_loss) < kNearlyAsNear * std::abs(loss) && std::abs(lost + other_loss) < std::abs(lost + loss);
    lost += takes_other ? other_loss : loss;
    return takes_other ? other : nearest;
  }
};

/// The power of two that brings the largest number that a channel's spectra can have under 2^15, half of what f16 holds.
double scale_for(const float* weight, std::int64_t inputs, std::int64_t rows, std::int64_t across) {
  double largest = 0;
  for (std::int64_t row = 0; row < inputs * rows; ++row) {
    double sum = 0;
    for (std::int64_t j = 0; j < across; ++j) sum += std::abs(static_cast<double>(weight[row * across + j]));
    largest = std::max(largest, sum);
  }
  if (!(largest > 0) || !std::isfinite(largest)) return 1;
  // Its inverse must be an f32 as well.
  return std::ldexp(1.0, std::clamp(15 - std::ilogb(largest) - 1, -100, 100));
}

/// Weights as the tasks see them.
struct Source {
  const float* weight;
  std::int64_t outputs, inputs, down, across;

  explicit Source(const TensorType& type, const float* from)
      : weight(from), outputs(type.shape[0]), inputs(type.shape[1]), down(type.shape[2]), across(type.shape[3]) {}

  /// A tap of the output channels from `first` on; zero where there are none.
  Complex taps(std::int64_t first, std::int64_t input, std::int64_t i, std::int64_t j, std::int64_t lanes) const {
    Complex out;
    for (std::int64_t l = 0; input < inputs && l < std::min(outputs - first, lanes); ++l) {
      out.re[static_cast<std::size_t>(l)] =
          static_cast<double>(weight[(((first + l) * inputs + input) * down + i) * across + j]);
    }
    return out;
  }
};

/// [frequency across][row of the kernel]
using RowSpectra = std::array<std::array<Complex, kLongest>, kLongest / 2 + 1>;

RowSpectra row_spectra(const Source& source, const std::vector<Turn>& across_turns, std::int64_t parts,
                       std::int64_t first, std::int64_t input, std::int64_t lanes) {
  RowSpectra rows{};
  for (std::int64_t i = 0; i < source.down; ++i) {
    for (std::int64_t j = 0; j < source.across; ++j) {
      const Complex taps = source.taps(first, input, i, j, lanes);
      for (std::int64_t a = 0; a < parts; ++a) {
        const Turn& turn = across_turns[static_cast<std::size_t>(a * source.across + j)];
        add_turned(rows[static_cast<std::size_t>(a)][static_cast<std::size_t>(i)], taps, turn.cosine, turn.sine, lanes);
      }
    }
  }
  return rows;
}

Lanes all(double value) {
  Lanes out;
  out.fill(value);
  return out;
}

void pack_plane(const Source& source, const Packing& packing, const Writer& write) {
  const std::int64_t lanes = packing.lanes, panels = weight_panels(source.outputs, lanes);
  const std::int64_t channels = filled_channels(source.inputs);
  const Frequencies frequencies(packing.period);
  const auto across_turns = turns(packing.period.w, source.across), down_turns = turns(packing.period.h, source.down);
  const Lanes factor = all(1 / static_cast<double>(packing.period.h * packing.period.w));
  parallel_for(panels * channels, [&](std::int64_t task) {
    const RowSpectra rows =
        row_spectra(source, across_turns, frequencies.across, task / channels * lanes, task % channels, lanes);
    std::int64_t to = task * 2 * lanes;
    for (std::int64_t a = 0; a < frequencies.across; ++a) {
      for (std::int64_t d = 0; d < frequencies.down(a); ++d, to += panels * channels * 2 * lanes) {
        Complex sum;
        for (std::int64_t i = 0; i < source.down; ++i) {
          const Turn& turn = down_turns[static_cast<std::size_t>(d * source.down + i)];
          add_turned(sum, rows[static_cast<std::size_t>(a)][static_cast<std::size_t>(i)], turn.cosine, turn.sine,
                     lanes);
        }
        write(to, sum.re, factor);
        write(to + lanes, sum.im, factor);
      }
    }
  });
}

void pack_rows(const Source& source, const Packing& packing, const Writer& write, float* scales) {
  const std::int64_t lanes = packing.lanes, panels = weight_panels(source.outputs, lanes);
  const std::int64_t channels = filled_channels(source.inputs), period = packing.period.w;
  const std::int64_t parts = Frequencies(packing.period).across;
  const auto across_turns = turns(period, source.across);
  std::vector<Lanes> factors(static_cast<std::size_t>(panels), all(1 / static_cast<double>(period)));
  if (scales != nullptr) {
    const std::int64_t numbers = source.inputs * source.down * source.across;
    parallel_for(panels * lanes, [&](std::int64_t output) {
      double scale = 1;
      if (packing.type == DType::f16 && output < source.outputs)
        scale = scale_for(source.weight + output * numbers, source.inputs, source.down, source.across);
      factors[static_cast<std::size_t>(output / lanes)][static_cast<std::size_t>(output % lanes)] *= scale;
      scales[output] = static_cast<float>(1 / scale);
    });
  }
  parallel_for(panels, [&](std::int64_t panel) {
    const Lanes& factor = factors[static_cast<std::size_t>(panel)];
    RowSpectra lost{};
    for (std::int64_t input = 0; input < channels; ++input) {
      const RowSpectra rows = row_spectra(source, across_turns, parts, panel * lanes, input, lanes);
      std::int64_t part = 0;  // the first of this frequency's numbers, of which there are as many as the period in all
      for (std::int64_t a = 0; a < parts; ++a) {
        const std::int64_t numbers = a == 0 || 2 * a == period ? 1 : 2;
        for (std::int64_t i = 0; i < source.down; ++i) {
          const Complex& row = rows[static_cast<std::size_t>(a)][static_cast<std::size_t>(i)];
          Complex& left = lost[static_cast<std::size_t>(a)][static_cast<std::size_t>(i)];
          const std::int64_t to =
              ((part * panels + panel * numbers) * source.down * channels + (i * channels + input) * numbers) * lanes;
          write(to, row.re, factor, left.re);
          if (numbers == 2) write(to + lanes, row.im, factor, left.im);
        }
        part += numbers;
      }
    }
  });
}

std::int64_t spectra_bytes(const Shape& weight, const Packing& packing) {
  const std::int64_t pairs = checked_mul(filled_channels(weight[0]), filled_channels(weight[1]));
  const std::int64_t numbers =
      packing.of_rows() ? checked_mul(weight[2], packing.period.w) : Frequencies(packing.period).total * 2;
  return checked_mul(checked_mul(pairs, numbers), packing.type == DType::f32 ? 4 : 2);
}

}  // namespace

std::int64_t weight_panels(std::int64_t outputs, std::int64_t lanes) { return filled_channels(outputs) / lanes; }

std::int64_t factors_offset(const Shape& weight, const Packing& packing) {
  return (spectra_bytes(weight, packing) + kLine - 1) / kLine * kLine;
}

Layout weight_layout(const TensorType& weight, const Packing& packing) {
  std::array<char, 64> tag{};
  std::snprintf(tag.data(), tag.size(), "fourier%lldx%lld:%lldo", static_cast<long long>(packing.period.h),
                static_cast<long long>(packing.period.w), static_cast<long long>(packing.lanes));
  if (packing.type == DType::f32) return {tag.data(), spectra_bytes(weight.shape, packing)};
  const std::int64_t bytes = checked_add(factors_offset(weight.shape, packing), filled_channels(weight.shape[0]) * 4);
  return {std::string(tag.data()) + (packing.type == DType::f16 ? ":f16" : ":bf16"), bytes};
}

std::optional<Packing> packing_of(const Layout& layout) {
  long long h = 0, w = 0, lanes = 0;
  int read = 0;
  if (std::sscanf(layout.tag.c_str(), "fourier%2lldx%2lld:%2lldo%n", &h, &w, &lanes, &read) != 3) return std::nullopt;
  if (h < 1 || w < 1 || h > kLongest || w > kLongest || (lanes != 4 && lanes != 8 && lanes != 16)) return std::nullopt;
  Packing out{{h, w}, lanes, DType::f32};
  const std::string type = layout.tag.substr(static_cast<std::size_t>(read));
  if (type == ":f16")
    out.type = DType::f16;
  else if (type == ":bf16")
    out.type = DType::bf16;
  else if (!type.empty())
    return std::nullopt;
  return out.type == DType::f32 || out.of_rows() ? std::optional(out) : std::nullopt;
}

void pack(const TensorType& type, const Packing& packing, const float* weight, std::byte* packed) {
  const Source source(type, weight);
  const Writer write{packed, packing.type, packing.lanes};
  if (!packing.of_rows()) return pack_plane(source, packing, write);
  float* scales = nullptr;
  if (packing.type != DType::f32) scales = reinterpret_cast<float*>(packed + factors_offset(type.shape, packing));
  pack_rows(source, packing, write, scales);
}

}  // namespace fcngraph::onednn::fourier
