// SPDX-License-Identifier: Apache-2.0
#include "tables.h"

#include <algorithm>

namespace fcngraph::onednn::fourier {
namespace {

enum Operand : std::size_t { kX, kWeight };

constexpr std::int64_t kMostLanes = 16;

Pads pads_of(const StepView& step) {
  const Shape& x = step.operands[kX]->shape;
  return resolve_pads(step.attrs->as<Conv2dAttrs>().window(), x[2], x[3]);
}

/// Row `from` of a table becomes a row of another, times a factor.
void append_row(Waves& to, const Waves& from, std::int64_t row, float factor) {
  for (std::int64_t p = row * from.places; p < (row + 1) * from.places; ++p) {
    to.cosine.push_back(from.cosine[static_cast<std::size_t>(p)] * factor);
    to.sine.push_back(from.sine[static_cast<std::size_t>(p)] * factor);
  }
}

/// Pairs of a row of the result and a row of the kernel that do not meet padding alone.
std::int64_t pairs_down(const StepView& step) {
  const auto& attrs = step.attrs->as<Conv2dAttrs>();
  const std::int64_t in = step.operands[kX]->shape[2], out = step.results[0]->shape[2];
  const std::int64_t top = pads_of(step).top;
  std::int64_t pairs = 0;
  for (std::int64_t tap = 0; tap < attrs.kernel.h; ++tap)
    pairs += std::max<std::int64_t>(std::min(out, in + top - tap) - std::max<std::int64_t>(top - tap, 0), 0);
  return pairs;
}

}  // namespace

bool has_form(const StepView& step) {
  const auto& a = step.attrs->as<Conv2dAttrs>();
  const Extent2 one{1, 1};
  const bool plain = a.epilogue == Epilogue::none || a.epilogue == Epilogue::relu;
  if (!plain || a.stride != one || a.dilation != one || a.groups != 1 || a.kernel.h < 2 || a.kernel.w < 2) return false;
  const Extent2 period = period_of(step, false);
  return std::max(period.h, period.w) <= kLongest && std::max(a.kernel.h, a.kernel.w) <= kLongest &&
         a.kernel.h <= period.h && a.kernel.w <= period.w;
}

Extent2 period_of(const StepView& step, bool of_rows) {
  const Shape& x = step.operands[kX]->shape;
  const Extent2 both = periods({x[2], x[3]}, pads_of(step));
  return of_rows ? Extent2{1, both.w} : both;
}

double products(const StepView& step, const Packing& packing) {
  if (!packing.of_rows()) return static_cast<double>(4 * Frequencies(packing.period).total);
  const std::int64_t period = packing.period.w, real = period % 2 == 0 ? 2 : 1;
  return static_cast<double>(pairs_down(step) * (real + 4 * (period - real) / 2));
}

Tables::Tables(const StepView& step, const TensorType& x, const TensorType& y, std::int64_t lanes, bool of_rows)
    : period_(period_of(step, of_rows)) {
  const Pads pads = pads_of(step);
  const Frequencies frequencies(period_);
  const auto& attrs = step.attrs->as<Conv2dAttrs>();
  const Shape& weight = step.operands[kWeight]->shape;
  layer_.x = blocked_image(x);
  layer_.y = blocked_image(y);
  layer_.images = x.shape[0];
  layer_.across = frequencies.across;
  layer_.panels = weight_panels(weight[0], lanes);
  layer_.weight_channels = filled_channels(weight[1]);
  layer_.out_channels = weight[0];
  // A vector more, lest all rows fall in the same sets of a cache.
  layer_.x_row = layer_.x.channels * 2 + kMostLanes;
  layer_.y_row = layer_.panels * lanes * 2 + kMostLanes;
  layer_.relu = attrs.epilogue == Epilogue::relu;
  layer_.frequencies = frequencies.total;
  layer_.period = period_.w;
  layer_.taps_down = attrs.kernel.h;
  layer_.pad_top = pads.top;

  in_across_ = waves(period_.w, frequencies.across, x.shape[3], pads.left);
  in_down_ = waves(period_.h, period_.h, x.shape[2], pads.top);
  const Waves across = waves(period_.w, frequencies.across, y.shape[3], 0);
  const Waves down = waves(period_.h, period_.h, y.shape[2], 0);
  out_across_.places = across.places;
  out_down_.places = down.places;
  for (std::int64_t a = 0; a < frequencies.across; ++a) {
    // Numbers whose conjugates are left out count twice: along x, or, where x's frequency is its own conjugate, along y.
    const bool twice = a != 0 && 2 * a != period_.w;
    append_row(out_across_, across, a, twice ? 2.0f : 1.0f);
    down_.push_back(frequencies.down(a));
    for (std::int64_t d = 0; d < down_.back(); ++d)
      append_row(out_down_, down, d, twice || d == 0 || 2 * d == period_.h ? 1.0f : 2.0f);
  }
}

Layer Tables::layer() const {
  const auto table = [](const Waves& w) { return WaveTable{w.cosine.data(), w.sine.data()}; };
  Layer layer = layer_;
  layer.down = down_.data();
  layer.in_across = table(in_across_);
  layer.in_down = table(in_down_);
  layer.out_across = table(out_across_);
  layer.out_down = table(out_down_);
  return layer;
}

std::int64_t Tables::x_numbers() const {
  const std::int64_t spectra = of_rows() ? layer_.across * layer_.x.height : layer_.frequencies;
  return spectra * layer_.images * layer_.x_row;
}

std::int64_t Tables::y_numbers() const {
  const std::int64_t spectra = of_rows() ? layer_.across * layer_.y.height : layer_.frequencies;
  return spectra * layer_.images * layer_.y_row;
}

std::int64_t Tables::products() const { return (of_rows() ? layer_.across : layer_.frequencies) * layer_.panels; }

}  // namespace fcngraph::onednn::fourier
