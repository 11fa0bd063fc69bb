// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fcngraph/engine/diagnostics.h>
#include <fcngraph/engine/error.h>

namespace fcngraph {

/// The value of one attribute in its untyped form, as text, TOML and JSON know it.
using AttrValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>>;

/// "3", "0.5", "true", "\"same\"", "[3, 3]": the form used in graph text; doubles print with every digit that matters.
FCNGRAPH_API std::string to_string(const AttrValue& value);

/// Attributes by name, in alphabetical order.
using AttrMap = std::map<std::string, AttrValue>;

/// Height and width of a window, a stride, a dilation. Written `3` or `[3, 3]`.
struct Extent2 {
  std::int64_t h = 1;
  std::int64_t w = 1;
  bool operator==(const Extent2&) const = default;
};

/// Names of an enumeration's values, in order; specialise for each enumeration used as an attribute:
/// `template <> struct EnumNames<Padding> { static constexpr std::array names{"same", "valid", "explicit"}; };`
template <class E>
struct EnumNames;

/// One member of an attribute struct: its key, where it lives and what it means. A `fields()` tuple of these is the only
/// thing an op writes; text, TOML keys, equality, hash, docs and JSON schema follow from it.
template <class Struct, class Member>
struct Field {
  std::string_view name;
  Member Struct::*member;
  std::string_view doc;
  bool required = false;
};
template <class Struct, class Member>
Field(std::string_view, Member Struct::*, std::string_view) -> Field<Struct, Member>;
template <class Struct, class Member>
Field(std::string_view, Member Struct::*, std::string_view, bool) -> Field<Struct, Member>;

/// Conversion of one member type to and from AttrValue. `type_name` is what messages and docs call it.
template <class T, class = void>
struct AttrCodec;

template <>
struct AttrCodec<bool> {
  static std::string type_name() { return "true or false"; }
  static AttrValue to(bool v) { return v; }
  static std::optional<bool> from(const AttrValue& v) {
    if (const auto* b = std::get_if<bool>(&v)) return *b;
    return std::nullopt;
  }
};
template <>
struct AttrCodec<std::int64_t> {
  static std::string type_name() { return "an integer"; }
  static AttrValue to(std::int64_t v) { return v; }
  static std::optional<std::int64_t> from(const AttrValue& v) {
    if (const auto* i = std::get_if<std::int64_t>(&v)) return *i;
    return std::nullopt;
  }
};
template <>
struct AttrCodec<double> {
  static std::string type_name() { return "a number"; }
  static AttrValue to(double v) { return v; }
  static std::optional<double> from(const AttrValue& v) {
    if (const auto* d = std::get_if<double>(&v)) return *d;
    if (const auto* i = std::get_if<std::int64_t>(&v)) return static_cast<double>(*i);
    return std::nullopt;
  }
};
template <>
struct AttrCodec<std::string> {
  static std::string type_name() { return "a string"; }
  static AttrValue to(const std::string& v) { return v; }
  static std::optional<std::string> from(const AttrValue& v) {
    if (const auto* s = std::get_if<std::string>(&v)) return *s;
    return std::nullopt;
  }
};
template <>
struct AttrCodec<std::vector<std::int64_t>> {
  static std::string type_name() { return "a list of integers"; }
  static AttrValue to(const std::vector<std::int64_t>& v) { return v; }
  static std::optional<std::vector<std::int64_t>> from(const AttrValue& v) {
    if (const auto* l = std::get_if<std::vector<std::int64_t>>(&v)) return *l;
    if (const auto* d = std::get_if<std::vector<double>>(&v); d && d->empty()) return std::vector<std::int64_t>{};
    return std::nullopt;
  }
};
template <>
struct AttrCodec<std::vector<double>> {
  static std::string type_name() { return "a list of numbers"; }
  static AttrValue to(const std::vector<double>& v) { return v; }
  static std::optional<std::vector<double>> from(const AttrValue& v) {
    if (const auto* l = std::get_if<std::vector<double>>(&v)) return *l;
    if (const auto* l = std::get_if<std::vector<std::int64_t>>(&v)) return std::vector<double>(l->begin(), l->end());
    return std::nullopt;
  }
};
template <>
struct AttrCodec<Extent2> {
  static std::string type_name() { return "an integer or [height, width]"; }
  static AttrValue to(Extent2 v) {
    if (v.h == v.w) return v.h;
    return std::vector<std::int64_t>{v.h, v.w};
  }
  static std::optional<Extent2> from(const AttrValue& v) {
    if (const auto* i = std::get_if<std::int64_t>(&v)) return Extent2{*i, *i};
    if (const auto* l = std::get_if<std::vector<std::int64_t>>(&v); l && l->size() == 2)
      return Extent2{(*l)[0], (*l)[1]};
    return std::nullopt;
  }
};
template <class E>
struct AttrCodec<E, std::enable_if_t<std::is_enum_v<E>>> {
  static std::string type_name() {
    std::string out = "one of ";
    for (std::size_t i = 0; i < EnumNames<E>::names.size(); ++i) {
      out += (i > 0 ? ", \"" : "\"") + std::string(EnumNames<E>::names[i]) + "\"";
    }
    return out;
  }
  static AttrValue to(E v) { return std::string(EnumNames<E>::names[static_cast<std::size_t>(v)]); }
  static std::optional<E> from(const AttrValue& v) {
    const auto* s = std::get_if<std::string>(&v);
    for (std::size_t i = 0; s && i < EnumNames<E>::names.size(); ++i) {
      if (EnumNames<E>::names[i] == *s) return static_cast<E>(i);
    }
    return std::nullopt;
  }
};

/// An attribute struct of any op, as a value. Copying copies the struct; reading it back names the type: `attrs.as<Conv2dAttrs>()`.
class FCNGRAPH_API Attrs {
 public:
  Attrs() = default;
  template <class T>
  requires requires { T::fields(); }
  Attrs(T value) : held_(std::make_unique<Held<T>>(std::move(value))) {}  // NOLINT: conversion is the purpose
  Attrs(const Attrs& other) : held_(other.held_ ? other.held_->clone() : nullptr) {}
  Attrs(Attrs&&) noexcept = default;
  Attrs& operator=(Attrs other) noexcept {
    held_ = std::move(other.held_);
    return *this;
  }
  ~Attrs() = default;

  template <class T>
  const T& as() const {
    const auto* held = dynamic_cast<const Held<T>*>(held_.get());
    FCNGRAPH_ASSERT(held != nullptr, "attributes read as another op's");
    return held->value;
  }
  /// Every attribute, defaults included.
  AttrMap to_map() const { return held_ ? held_->to_map() : AttrMap{}; }
  bool operator==(const Attrs& other) const { return to_map() == other.to_map(); }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual std::unique_ptr<Base> clone() const = 0;
    virtual AttrMap to_map() const = 0;
  };
  template <class T>
  struct Held final : Base {
    explicit Held(T v) : value(std::move(v)) {}
    std::unique_ptr<Base> clone() const override { return std::make_unique<Held>(value); }
    AttrMap to_map() const override {
      AttrMap map;
      std::apply([&](const auto&... f) { (map.emplace(std::string(f.name), encode(value.*(f.member))), ...); },
                 T::fields());
      return map;
    }
    T value;
  };
  template <class M>
  static AttrValue encode(const M& member) {
    return AttrCodec<M>::to(member);
  }

  std::unique_ptr<Base> held_;
};

/// What one attribute accepts, for messages, `fcngraph ops` and the JSON schema.
struct AttrDoc {
  std::string name;
  std::string type;  ///< "an integer or [height, width]"
  std::string doc;
  AttrValue default_value;
  bool required = false;
  std::vector<std::string> choices;  ///< names of an enumeration
};

/// Where an attribute of a node was written; empty spans for attributes that code has set.
using AttrSpans = std::map<std::string, SourceSpan>;

/// The untyped face of an attribute struct: what keys there are, and how a map becomes the struct.
struct AttrSchema {
  std::vector<AttrDoc> fields;
  /// Builds the struct. Unknown keys, wrong types and missing required keys are reported to `diagnostics` (E0105, E0106, E0107,
  /// E0109) at the place in `spans`, prefixed with `who` ("node 'conv1'").
  Attrs (*make)(const AttrMap& map, const AttrSpans& spans, const SourceSpan& whole, const std::string& who,
                Diagnostics& diagnostics) = nullptr;
};

namespace attrs_impl {

template <class M>
std::vector<std::string> choices_of() {
  std::vector<std::string> out;
  if constexpr (std::is_enum_v<M>) {
    for (const auto& name : EnumNames<M>::names) out.emplace_back(name);
  }
  return out;
}

FCNGRAPH_API void report_unknown(const AttrMap& map, const AttrSpans& spans, const SourceSpan& whole,
                                 const std::string& who, const std::vector<std::string>& known,
                                 Diagnostics& diagnostics);
FCNGRAPH_API void report_type(const std::string& who, const AttrDoc& wanted, const AttrValue& got,
                              const SourceSpan& span, Diagnostics& diagnostics);

template <class T>
Attrs make(const AttrMap& map, const AttrSpans& spans, const SourceSpan& whole, const std::string& who,
           Diagnostics& diagnostics) {
  T value{};
  std::vector<std::string> known;
  const auto read = [&](const auto& field) {
    using M = std::remove_cvref_t<decltype(value.*(field.member))>;
    const std::string key(field.name);
    known.push_back(key);
    const auto found = map.find(key);
    if (found == map.end()) {
      if (field.required)
        diagnostics.error("E0107", whole, who + " lacks '" + key + "' (" + std::string(field.doc) + ")");
      return;
    }
    if (auto decoded = AttrCodec<M>::from(found->second)) {
      value.*(field.member) = std::move(*decoded);
    } else {
      const auto span = spans.find(key);
      const AttrDoc wanted{key, AttrCodec<M>::type_name(), {}, {}, field.required, choices_of<M>()};
      report_type(who, wanted, found->second, span == spans.end() ? whole : span->second, diagnostics);
    }
  };
  std::apply([&](const auto&... f) { (read(f), ...); }, T::fields());
  report_unknown(map, spans, whole, who, known, diagnostics);
  return value;
}

}  // namespace attrs_impl

/// The schema of attribute struct T.
template <class T>
AttrSchema schema_of() {
  AttrSchema schema;
  const T defaults{};
  const auto describe = [&](const auto& field) {
    using M = std::remove_cvref_t<decltype(defaults.*(field.member))>;
    schema.fields.push_back({std::string(field.name), AttrCodec<M>::type_name(), std::string(field.doc),
                             AttrCodec<M>::to(defaults.*(field.member)), field.required, attrs_impl::choices_of<M>()});
  };
  std::apply([&](const auto&... f) { (describe(f), ...); }, T::fields());
  schema.make = &attrs_impl::make<T>;
  return schema;
}

/// Attributes of an op that has none.
struct NoAttrs {
  static constexpr auto fields() { return std::tuple{}; }
};

}  // namespace fcngraph
