// SPDX-License-Identifier: Apache-2.0
#include "weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "../parallel.h"

namespace fcngraph::onednn::fourier {
namespace {

constexpr std::int64_t kChannelMultiple = 16, kMostLanes = 16;

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

void store(float* to, const Complex& from, std::int64_t lanes) {
  for (std::int64_t l = 0; l < lanes; ++l) {
    to[l] = static_cast<float>(from.re[static_cast<std::size_t>(l)]);
    to[lanes + l] = static_cast<float>(from.im[static_cast<std::size_t>(l)]);
  }
}

}  // namespace

std::int64_t weight_channels(std::int64_t inputs) {
  return (inputs + kChannelMultiple - 1) / kChannelMultiple * kChannelMultiple;
}

std::int64_t weight_panels(std::int64_t outputs, std::int64_t lanes) { return weight_channels(outputs) / lanes; }

Layout weight_layout(const TensorType& weight, const Packing& packing) {
  std::array<char, 64> tag{};
  std::snprintf(tag.data(), tag.size(), "fourier%lldx%lld:%lldo", static_cast<long long>(packing.period.h),
                static_cast<long long>(packing.period.w), static_cast<long long>(packing.lanes));
  const std::int64_t pairs = checked_mul(weight_channels(weight.shape[0]), weight_channels(weight.shape[1]));
  return {tag.data(),
          checked_mul(pairs, Frequencies(packing.period).total * 2 * static_cast<std::int64_t>(sizeof(float)))};
}

std::optional<Packing> packing_of(const Layout& layout) {
  long long h = 0, w = 0, lanes = 0;
  int read = 0;
  if (std::sscanf(layout.tag.c_str(), "fourier%2lldx%2lld:%2lldo%n", &h, &w, &lanes, &read) != 3) return std::nullopt;
  if (static_cast<std::size_t>(read) != layout.tag.size()) return std::nullopt;
  if (h < 1 || w < 1 || h > kLongest || w > kLongest || (lanes != 4 && lanes != 8 && lanes != 16)) return std::nullopt;
  return Packing{{h, w}, lanes};
}

void pack(const TensorType& type, const Packing& packing, const float* weight, float* packed) {
  const std::int64_t outputs = type.shape[0], inputs = type.shape[1], down = type.shape[2], across = type.shape[3];
  const std::int64_t channels = weight_channels(inputs), lanes = packing.lanes, panels = weight_panels(outputs, lanes);
  const Frequencies frequencies(packing.period);
  const auto across_turns = turns(packing.period.w, across), down_turns = turns(packing.period.h, down);
  parallel_for(panels * channels, [&](std::int64_t task) {
    const std::int64_t first = task / channels * lanes, input = task % channels;
    const std::int64_t used = input < inputs ? std::clamp<std::int64_t>(outputs - first, 0, lanes) : 0;
    std::array<Complex, kLongest>* row = nullptr;
    std::array<std::array<Complex, kLongest>, kLongest / 2 + 1> rows{};  // [part across][row of the kernel]
    for (std::int64_t i = 0; i < down; ++i) {
      for (std::int64_t j = 0; j < across; ++j) {
        Complex taps;
        for (std::int64_t l = 0; l < used; ++l) {
          taps.re[static_cast<std::size_t>(l)] =
              static_cast<double>(weight[(((first + l) * inputs + input) * down + i) * across + j]);
        }
        for (std::int64_t a = 0; a < frequencies.across; ++a) {
          row = &rows[static_cast<std::size_t>(a)];
          const Turn& turn = across_turns[static_cast<std::size_t>(a * across + j)];
          add_turned((*row)[static_cast<std::size_t>(i)], taps, turn.cosine, turn.sine, lanes);
        }
      }
    }
    float* to = packed + task * 2 * lanes;
    for (std::int64_t a = 0; a < frequencies.across; ++a) {
      row = &rows[static_cast<std::size_t>(a)];
      for (std::int64_t d = 0; d < frequencies.down(a); ++d, to += panels * channels * 2 * lanes) {
        Complex sum;
        for (std::int64_t i = 0; i < down; ++i) {
          const Turn& turn = down_turns[static_cast<std::size_t>(d * down + i)];
          add_turned(sum, (*row)[static_cast<std::size_t>(i)], turn.cosine, turn.sine, lanes);
        }
        store(to, sum, lanes);
      }
    }
  });
}

}  // namespace fcngraph::onednn::fourier
