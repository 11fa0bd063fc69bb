// SPDX-License-Identifier: Apache-2.0
#include "random_convolution.h"

#include <algorithm>
#include <array>

#include <fcngraph/engine/random.h>

namespace fcngraph::testing {
namespace {

constexpr std::int64_t kMostProducts = 100'000;

class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t index) : key_(random_key(seed, "shape " + std::to_string(index))) {}
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_below(key_, counter_++, static_cast<std::uint64_t>(high - low + 1)));
  }
  /// Small numbers are as likely as large ones.
  std::int64_t spread(std::int64_t high) { return between(1, between(1, high)); }
  bool one_in(std::int64_t n) { return between(1, n) == 1; }
  template <class T, std::size_t N>
  const T& of(const std::array<T, N>& choices) {
    return choices[static_cast<std::size_t>(between(0, N - 1))];
  }

 private:
  std::uint64_t key_, counter_ = 0;
};

void draw_padding(Draw& draw, Conv2dAttrs& attrs) {
  attrs.padding = draw.of(std::array{Padding::same, Padding::same, Padding::valid, Padding::explicit_pads});
  if (attrs.padding != Padding::explicit_pads) return;
  const auto most_h = attrs.kernel.h, most_w = attrs.kernel.w;
  attrs.pads = {draw.between(0, most_h), draw.between(0, most_w), draw.between(0, most_h), draw.between(0, most_w)};
}

void draw_general(Draw& draw, RandomConvolution& c) {
  c.attrs.kernel = {draw.between(1, 5), draw.between(1, 5)};
  c.attrs.stride = {draw.between(1, 2), draw.between(1, 2)};
  if (draw.one_in(3)) c.attrs.dilation = {draw.between(1, 3), draw.between(1, 3)};
  if (draw.one_in(3)) c.attrs.groups = draw.between(2, 4);
  if (draw.one_in(8)) c.attrs.groups = 16;
}

/// Halves what is largest until the plain loop is fast; false when nothing is left to halve, or no pixel comes out.
bool shrink(RandomConvolution& c) {
  const auto products = [&] {
    const Extent2 y = c.sums();
    return c.images * c.attrs.filters * std::max<std::int64_t>(y.h, 0) * std::max<std::int64_t>(y.w, 0) * c.terms();
  };
  while (products() > kMostProducts) {
    const std::int64_t group = c.attrs.groups;
    std::int64_t* const extents[] = {&c.images, &c.height, &c.width};
    std::int64_t* most =
        *std::max_element(std::begin(extents), std::end(extents), [](auto* a, auto* b) { return *a < *b; });
    std::int64_t& channels = c.channels > c.attrs.filters ? c.channels : c.attrs.filters;
    if (channels / group > *most)
      channels = channels / group / 2 * group;
    else
      *most = *most / 2;
    if (*most < 1 || channels < group) return false;
  }
  const Extent2 y = c.sums();
  const std::int64_t least = c.attrs.epilogue == Epilogue::relu_max_pool ? 2 : 1;
  return y.h >= least && y.w >= least;
}

bool draw_shape(Draw& draw, RandomConvolution& c) {
  c = {};
  const std::int64_t kind = draw.between(1, 8);
  const bool tiles = kind <= 2, large = kind == 3 || kind == 4;
  c.images = draw.one_in(2) ? 1 : draw.spread(64);
  c.height = draw.spread(large ? 9 : 40);
  c.width = draw.spread(large ? 9 : 40);
  c.bias = !draw.one_in(3);
  c.threads = static_cast<int>(draw.between(1, 2));
  c.offered_tag = draw.of(std::array{"", "acdb", "aBcd8b", "aBcd16b"});
  c.policy = draw.one_in(2) ? "auto" : "onednn";
  c.storage = draw.of(std::array{"f32", "f16", "bf16"});
  if (tiles) {
    c.attrs.kernel = {3, 3};
    c.policy = draw.one_in(2) ? "winograd" : "winograd7x7";
  } else if (large) {
    c.attrs.kernel = {draw.between(2, 7), draw.between(2, 7)};
    // Spectra of the plane know one type of weights, those of rows three.
    c.policy = draw.one_in(4) ? "fourier" : "fourier_rows";
  } else {
    draw_general(draw, c);
  }
  draw_padding(draw, c.attrs);
  const std::int64_t group = c.attrs.groups;
  c.channels = group * draw.spread(group > 4 ? 3 : 80 / group);
  c.attrs.filters = group * draw.spread(group > 4 ? 3 : 80 / group);
  // Most kernels of others are for whole vectors.
  if (draw.one_in(4)) c.channels = (c.channels + 15) / 16 * 16 * group;
  if (draw.one_in(4)) c.attrs.filters = (c.attrs.filters + 15) / 16 * 16 * group;
  c.attrs.epilogue = draw.of(std::array{Epilogue::none, Epilogue::relu, Epilogue::add, Epilogue::add_relu});
  // oneDNN's convolution cannot pool, so that no pass makes one of it.
  if (tiles && draw.one_in(4)) c.attrs.epilogue = Epilogue::relu_max_pool;
  if (large) c.attrs.epilogue = draw.of(std::array{Epilogue::none, Epilogue::relu});
  return shrink(c);
}

}  // namespace

RandomConvolution random_convolution(std::uint64_t seed, std::uint64_t index) {
  Draw draw(seed, index);
  RandomConvolution c;
  while (!draw_shape(draw, c)) {
  }
  return c;
}

std::string to_string(const RandomConvolution& c) {
  std::string text = "x " + to_string(Shape{c.images, c.channels, c.height, c.width}) + ", {";
  for (const auto& [key, value] : Attrs(c.attrs).to_map()) text += key + " = " + fcngraph::to_string(value) + " ";
  return text + "}, " + (c.bias ? "" : "no bias, ") + "kernels " + c.policy + ", storage " + c.storage + ", offered '" +
         c.offered_tag + "', " + std::to_string(c.threads) + " threads";
}

}  // namespace fcngraph::testing
