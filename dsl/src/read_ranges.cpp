// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "read.h"
#include "source_file.h"

namespace fcngraph::dsl {
namespace {

constexpr std::int64_t kFormat = 1;
/// Up to here every integer is a double.
constexpr double kMostCounted = 0x1p53;

/// The number that a value is, or NaN.
double number_of(const TomlValue& value) {
  if (value.kind == TomlValue::Kind::integer) return static_cast<double>(value.integer);
  return value.kind == TomlValue::Kind::floating ? value.number : std::numeric_limits<double>::quiet_NaN();
}

/// Every member of a table, a number that `accepts` agrees to. There are as many as a model has values: each is seen once.
template <class Accepts, class Take>
void read_members(StrictTable& top, std::string_view key, const std::string& expected, Diagnostics& diagnostics,
                  const Accepts& accepts, const Take& take) {
  const auto* table = top.read_table(key);
  if (table == nullptr) return;
  for (const auto& entry : table->entries) {
    const double number = number_of(entry.value);
    if (accepts(number)) {
      take(entry.key, number);
    } else {
      diagnostics.error(
          std::isnan(number) ? "E0106" : "E0108", entry.value.span,
          "'" + entry.key + "' of [" + std::string(key) + "]: expected " + expected + ", got " + describe(entry.value));
    }
  }
}

void check_head(StrictTable& top, const std::string& model, Diagnostics& diagnostics) {
  Spanned<std::int64_t> format;
  Spanned<std::string> of;
  top.read("fcngraph_ranges", format, {1, kFormat});
  top.require("fcngraph_ranges", "the version of the format, " + std::to_string(kFormat));
  top.read("model", of);
  top.require("model", "whose values these are");
  if (of.given() && *of != model) {
    diagnostics.error("E0307", of.span, "these are ranges of model '" + *of + "', and '" + model + "' asks for them",
                      "track those of this model: fcngraph ranges");
  }
}

}  // namespace

void read_ranges(CompileSpec& spec, const std::string& model, Diagnostics& diagnostics) {
  if ((*spec.ranges).empty()) return;
  const auto file = read_source(*spec.ranges, spec.ranges.span, diagnostics);
  const auto document = file ? parse_toml(file, diagnostics) : std::nullopt;
  if (!document) return;
  StrictTable top(*document, "a file of ranges", diagnostics);
  check_head(top, model, diagnostics);
  read_members(
      top, "largest", "a number of at least 0 that f32 holds", diagnostics,
      [](double x) { return x >= 0 && x <= static_cast<double>(std::numeric_limits<float>::max()); },
      [&](const std::string& name, double x) { spec.range_of[name].largest = static_cast<float>(x); });
  top.require("largest", "what each value reaches");
  read_members(
      top, "not_finite", "how many, at least 1", diagnostics,
      [](double x) { return x >= 1 && x <= kMostCounted && x == std::floor(x); },
      [&](const std::string& name, double x) { spec.range_of[name].not_finite = static_cast<std::int64_t>(x); });
  top.finish();
}

}  // namespace fcngraph::dsl
