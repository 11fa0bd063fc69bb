// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <fcngraph/engine/attrs.h>
#include <fcngraph/engine/types.h>

namespace fcngraph {

/// How a window meets the border. `same`: output = ceil(input / stride), zeros split with the odd one at the end (TensorFlow's
/// rule); `valid`: no zeros; `explicit`: as `pads` says.
enum class Padding : std::uint8_t { same, valid, explicit_pads };
template <>
struct EnumNames<Padding> {
  static constexpr std::array names{"same", "valid", "explicit"};
};

/// Zeros around an image, or pixels cut off it.
struct Pads {
  std::int64_t top = 0, left = 0, bottom = 0, right = 0;
  bool operator==(const Pads&) const = default;
};
/// Written `[top, left, bottom, right]`, or one number for all four sides.
template <>
struct AttrCodec<Pads> {
  static std::string type_name() { return "an integer or [top, left, bottom, right]"; }
  static AttrValue to(const Pads& p) { return std::vector<std::int64_t>{p.top, p.left, p.bottom, p.right}; }
  static std::optional<Pads> from(const AttrValue& v) {
    if (const auto* i = std::get_if<std::int64_t>(&v)) return Pads{*i, *i, *i, *i};
    if (const auto* l = std::get_if<std::vector<std::int64_t>>(&v); l && l->size() == 4) {
      return Pads{(*l)[0], (*l)[1], (*l)[2], (*l)[3]};
    }
    return std::nullopt;
  }
};

/// A sliding window over H and W.
struct Window {
  Extent2 kernel, stride, dilation;
  Padding padding = Padding::same;
  Pads pads;
};

/// Extents that a dilated kernel covers: (k - 1) * dilation + 1.
FCNGRAPH_API Extent2 covered(const Window& window);
/// The zeros that the window puts around an input of this height and width.
FCNGRAPH_API Pads resolve_pads(const Window& window, std::int64_t height, std::int64_t width);
/// Output height and width; `ceil` keeps windows that start inside the padded input but end outside it. Negative or zero where
/// the window does not fit.
FCNGRAPH_API Extent2 window_output(const Window& window, std::int64_t height, std::int64_t width, bool ceil = false);
/// A sentence on what is wrong with the window (an extent under 1, a negative pad, explicit pads with another padding), or empty.
FCNGRAPH_API std::string window_mistake(const Window& window);

}  // namespace fcngraph
