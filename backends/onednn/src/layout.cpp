// SPDX-License-Identifier: Apache-2.0
#include "layout.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <vector>

#include <oneapi/dnnl/dnnl_debug.h>

#include "compat.h"

namespace fcngraph::onednn {
namespace {

using dnnl::memory;

struct NamedTag {
  std::string name;
  memory::format_tag tag;
};

std::size_t rank_of(std::string_view name) {
  char last = 'a';
  for (const char c : name) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower >= 'a' && lower <= 'l') last = std::max(last, lower);
  }
  return static_cast<std::size_t>(last - 'a') + 1;
}

constexpr std::size_t kMaxRank = 6;
using TagsByRank = std::array<std::vector<NamedTag>, kMaxRank + 1>;

/// Every format with a name, by rank. The usual ones come first: most searches end there.
TagsByRank list_tags() {
  TagsByRank tags;
  const auto add = [&](int value) {
    const char* text = dnnl_fmt_tag2str(static_cast<dnnl_format_tag_t>(value));
    const std::string name = text != nullptr ? text : "";
    if (name.empty() || name[0] == 'u') return;  // undef, unknown
    const std::size_t rank = rank_of(name);
    if (rank <= kMaxRank) tags[rank].push_back({name, static_cast<memory::format_tag>(value)});
  };
  using T = memory::format_tag;
  constexpr std::array kUsual{T::a,    T::ab,      T::abc,    T::abcd,       T::abcde,      T::aBcd16b,  T::aBcd8b,
                              T::acdb, T::Acdb16a, T::Acdb8a, T::ABcd16b16a, T::ABcd16a16b, T::ABcd8b8a, T::ABcd8a8b};
  for (const T tag : kUsual) add(static_cast<int>(tag));
  for (int value = dnnl_format_tag_any + 1; value < dnnl_format_tag_last; ++value) {
    if (std::find(kUsual.begin(), kUsual.end(), static_cast<T>(value)) == kUsual.end()) add(value);
  }
  return tags;
}

const TagsByRank& tags() {
  static const TagsByRank table = list_tags();
  return table;
}

std::optional<memory::format_tag> find_tag(std::string_view name) {
  const std::size_t rank = rank_of(name);
  if (rank > kMaxRank) return std::nullopt;
  for (const NamedTag& tag : tags()[rank]) {
    if (tag.name == name) return tag.tag;
  }
  return std::nullopt;
}

constexpr memory::data_type data_type_of(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return memory::data_type::f32;
    case DType::f16:
      return memory::data_type::f16;
    case DType::bf16:
      return memory::data_type::bf16;
    case DType::i32:
      return memory::data_type::s32;
    case DType::u8:
      return memory::data_type::u8;
    case DType::f64:
    case DType::i64:
      break;
  }
  return memory::data_type::undef;
}

/// "g4:aBcde16b" -> 4 and "aBcde16b".
std::pair<std::int64_t, std::string_view> split_groups(std::string_view tag) {
  const std::size_t colon = tag.find(':');
  std::int64_t groups = 1;
  if (tag.empty() || tag[0] != 'g' || colon == std::string_view::npos) return {1, tag};
  std::from_chars(tag.data() + 1, tag.data() + colon, groups);
  return {groups, tag.substr(colon + 1)};
}

constexpr std::string_view kBfloatPrefix = "bf16:";

memory::desc plain_desc(const memory::dims& dims, memory::data_type type) {
  memory::dims strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * std::max<std::int64_t>(dims[i], 1);
  return {dims, type, strides};
}

}  // namespace

memory::dims dims_of(const Shape& shape, std::int64_t groups) {
  if (shape.rank() == 0) return {1};
  memory::dims dims(shape.dims().begin(), shape.dims().end());
  if (groups > 1) {
    dims[0] /= groups;
    dims.insert(dims.begin(), groups);
  }
  return dims;
}

memory::desc any_format(const TensorType& type, std::int64_t groups) {
  return {dims_of(type.shape, groups), data_type_of(type.dtype), memory::format_tag::any};
}

std::optional<memory::desc> desc_of(const TensorType& type, std::int64_t groups) {
  if (type.dtype == DType::f32 && type.layout.tag.starts_with(kBfloatPrefix)) {
    TensorType stored = type;
    stored.dtype = DType::bf16;
    stored.layout.tag.erase(0, kBfloatPrefix.size());
    return desc_of(stored, groups);
  }
  const auto data_type = data_type_of(type.dtype);
  if (data_type == memory::data_type::undef) return std::nullopt;
  if (type.layout.is_plain()) {
    const auto dims = dims_of(type.shape, groups);
    if (dims.size() > kMaxRank) return std::nullopt;
    return plain_desc(dims, data_type);
  }
  const auto [tagged_groups, name] = split_groups(type.layout.tag);
  const auto tag = find_tag(name);
  const auto dims = dims_of(type.shape, tagged_groups);
  if (!tag || rank_of(name) != dims.size()) return std::nullopt;
  return memory::desc(dims, data_type, *tag);
}

std::optional<Layout> layout_of(const memory::desc& desc, const TensorType& type, std::int64_t groups) {
  if (type.dtype == DType::f32 && compat::data_type(desc) == memory::data_type::bf16) {
    TensorType stored = type;
    stored.dtype = DType::bf16;
    const auto layout = layout_of(desc, stored, groups);
    if (!layout) return std::nullopt;
    return Layout{std::string(kBfloatPrefix) + layout->tag, static_cast<std::int64_t>(desc.get_size())};
  }
  const auto dims = dims_of(type.shape, groups);
  const auto data_type = data_type_of(type.dtype);
  if (desc == plain_desc(dims, data_type)) return Layout{};
  if (dims.size() > kMaxRank) return std::nullopt;
  for (const NamedTag& tag : tags()[dims.size()]) {
    if (desc != memory::desc(dims, data_type, tag.tag, true)) continue;
    const std::string prefix = groups > 1 ? "g" + std::to_string(groups) + ":" : "";
    return Layout{prefix + tag.name, static_cast<std::int64_t>(desc.get_size())};
  }
  return std::nullopt;
}

bool stores_bf16(const Layout& layout) { return layout.tag.starts_with(kBfloatPrefix); }

std::int64_t groups_of(const Layout& layout) {
  std::string_view tag = layout.tag;
  if (stores_bf16(layout)) tag.remove_prefix(kBfloatPrefix.size());
  return split_groups(tag).first;
}

TensorType with_layout(const TensorType& type, Layout layout) {
  TensorType out = type;
  out.layout = std::move(layout);
  return out;
}

std::optional<ChannelOrder> channel_order(const TensorType& type) {
  using Kind = ChannelOrder::Kind;
  const std::string& tag = type.layout.tag;
  if (tag.empty()) return ChannelOrder{Kind::plain, 1};
  if (type.shape.rank() != 4) return std::nullopt;
  if (tag == "acdb") return ChannelOrder{Kind::last, type.shape[1]};
  if (tag == "aBcd4b") return ChannelOrder{Kind::blocked, 4};
  if (tag == "aBcd8b") return ChannelOrder{Kind::blocked, 8};
  if (tag == "aBcd16b") return ChannelOrder{Kind::blocked, 16};
  return std::nullopt;
}

bool is_contiguous(const TensorType& type, std::int64_t first, std::int64_t channels) {
  const auto order = channel_order(type);
  if (!order || order->kind == ChannelOrder::Kind::last) return false;
  return first % order->block == 0 && channels % order->block == 0;
}

TensorType in_tag(const TensorType& type, const std::string& tag) {
  TensorType out = with_layout(type, {tag, 0});
  const auto desc = tag.empty() ? std::nullopt : desc_of(out);
  out.layout = desc ? Layout{tag, static_cast<std::int64_t>(desc->get_size())} : Layout{};
  return out;
}

std::int64_t physical_elements(const TensorType& type) {
  return bytes_of(type) / static_cast<std::int64_t>(size_of(type.dtype));
}

}  // namespace fcngraph::onednn
