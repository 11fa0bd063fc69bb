// SPDX-License-Identifier: Apache-2.0
#include "convolution.h"

#include <algorithm>

namespace fcngraph::onednn {
namespace {

std::int64_t zeros_at_end(std::int64_t input, std::int64_t output, std::int64_t kernel, std::int64_t stride,
                          std::int64_t before, std::int64_t after) {
  return std::max(after, (output - 1) * stride + kernel - input - before);
}

}  // namespace

compat::Geometry geometry_of(const Window& window, Extent2 input, Extent2 output) {
  const Pads pads = resolve_pads(window, input.h, input.w);
  const Extent2 kernel = covered(window);
  return {{window.stride.h, window.stride.w},
          {window.dilation.h - 1, window.dilation.w - 1},
          {pads.top, pads.left},
          {zeros_at_end(input.h, output.h, kernel.h, window.stride.h, pads.top, pads.bottom),
           zeros_at_end(input.w, output.w, kernel.w, window.stride.w, pads.left, pads.right)}};
}

compat::ConvMemory memory_for(const Ask& ask, const ConvTypes& types) {
  using Kind = Ask::Kind;
  if (ask.kind == Kind::as_it_lies) {
    const auto lying = [&](const TensorType& type, std::int64_t groups) {
      return desc_of(type, groups).value_or(any_format(type, groups));
    };
    return {lying(*types.src, 1), lying(*types.weight, types.groups), {}, lying(*types.dst, 1)};
  }
  const auto data = [&](const TensorType& type) {
    if (ask.kind == Kind::data_in_tag) return desc_of(in_tag(type, ask.tag)).value();
    return ask.kind == Kind::plain ? desc_of(with_layout(type, {})).value() : any_format(type);
  };
  const bool plain = ask.kind == Kind::plain_weights || ask.kind == Kind::plain;
  const auto weight =
      plain ? desc_of(with_layout(*types.weight, {}), types.groups).value() : any_format(*types.weight, types.groups);
  return {data(*types.src), weight, {}, data(*types.dst)};
}

std::vector<Ask> asks(const std::vector<std::string>& tags) {
  std::vector<Ask> out;
  for (const std::string& tag : tags) {
    if (!tag.empty()) out.push_back({Ask::Kind::data_in_tag, tag});
  }
  for (const Ask::Kind kind : {Ask::Kind::any, Ask::Kind::plain_weights, Ask::Kind::plain}) out.push_back({kind, {}});
  return out;
}

bool is_fast(std::string_view implementation) {
  return !implementation.starts_with("ref") && !implementation.starts_with("gemm");
}

std::optional<std::vector<Layout>> layouts_of(const std::vector<Chosen>& chosen) {
  std::vector<Layout> out;
  for (const Chosen& c : chosen) {
    if (c.type == nullptr) {
      out.emplace_back();
      continue;
    }
    auto layout = layout_of(c.desc, *c.type, c.groups);
    if (!layout) return std::nullopt;
    out.push_back(std::move(*layout));
  }
  return out;
}

}  // namespace fcngraph::onednn
