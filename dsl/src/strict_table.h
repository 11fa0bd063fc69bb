// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/dsl/model_spec.h>

#include "toml_tree.h"

namespace fcngraph::dsl {

/// Integers that a key accepts, ends included.
struct IntRange {
  std::int64_t low = 1;
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};
inline constexpr IntRange kPositive{1, std::numeric_limits<std::int32_t>::max()};
inline constexpr IntRange kNotNegative{0, std::numeric_limits<std::int32_t>::max()};

/// Numbers that a key accepts; never infinite, never not a number.
struct NumberRange {
  double low = std::numeric_limits<double>::lowest();
  double high = std::numeric_limits<double>::max();
  bool low_open = false;
  bool high_open = false;
  std::string_view expected = "a number";
};
inline constexpr NumberRange kAnyNumber{};
inline constexpr NumberRange kPositiveNumber{0.0, std::numeric_limits<double>::max(), true, false, "a number above 0"};
inline constexpr NumberRange kNotNegativeNumber{0.0, std::numeric_limits<double>::max(), false, false,
                                                "a number of at least 0"};
inline constexpr NumberRange kShare{0.0, 1.0, false, true, "a number of at least 0 and below 1"};

/// A table whose keys are all accounted for: each is read through a typed reader, and `finish` reports those that nobody asked
/// for. A reader leaves the destination as it is when the key is absent or wrong, and returns whether it has set it.
class StrictTable {
 public:
  /// `who` is what messages call the table: "[model]", "head 'fcn8s'". Where `templates` is set, "$parameter" passes as a value
  /// of any type: the table is the body of a block, read before its parameters are known.
  StrictTable(const TomlValue& table, std::string who, Diagnostics& diagnostics, bool templates = false);

  const std::string& who() const noexcept { return who_; }
  const SourceSpan& span() const noexcept { return table_.span; }

  /// The raw value, or null. Counts as known from here on.
  const TomlValue* take(std::string_view key);

  bool read(std::string_view key, Spanned<std::string>& into);
  bool read(std::string_view key, Spanned<bool>& into);
  bool read(std::string_view key, Spanned<std::int64_t>& into, IntRange range);
  bool read(std::string_view key, Spanned<double>& into, const NumberRange& range);
  bool read(std::string_view key, std::optional<Spanned<bool>>& into);
  /// A word out of a closed set.
  bool read_choice(std::string_view key, Spanned<std::string>& into, std::span<const std::string> choices);
  /// A name: letters, digits, '_' and '-', not starting with a digit or '-'. `extra` are further characters to accept.
  bool read_name(std::string_view key, Spanned<std::string>& into, std::string_view extra = {});
  /// A list of strings; a single string passes for a list of one.
  bool read_strings(std::string_view key, std::vector<Spanned<std::string>>& into);
  bool read_integers(std::string_view key, std::vector<std::int64_t>& into, IntRange range);
  bool read_numbers(std::string_view key, std::vector<double>& into, const NumberRange& range);
  /// The table behind a key, or null.
  const TomlValue* read_table(std::string_view key);
  /// The tables of `[[key]]`.
  std::span<const TomlValue> read_tables(std::string_view key);

  /// Reports a missing key (E0107); call it after reading.
  void require(std::string_view key, std::string_view meaning);
  /// A key that exists in another variant of this table: it is reported (E0105) with `sentence` instead of a guess.
  void refuse(std::string_view key, const std::string& sentence);
  /// Reports "'key' of who: expected A, got B".
  void wrong(std::string_view code, std::string_view key, const TomlValue& value, const std::string& expected,
             const std::string& suggestion = {});
  /// Reports every key that nobody asked for (E0105). The last call.
  void finish();

 private:
  /// Whether the value stands for a parameter that is not known yet.
  bool is_open(const TomlValue& value) const;
  bool to_integer(std::string_view key, const TomlValue& value, IntRange range, std::int64_t& into);
  bool to_number(std::string_view key, const TomlValue& value, const NumberRange& range, double& into);

  const TomlValue& table_;
  std::string who_;
  Diagnostics& diagnostics_;
  bool templates_;
  std::vector<std::string> known_;
  std::vector<std::string> refused_;
};

/// Whether a text is a name, with `extra` further characters.
bool is_name(std::string_view text, std::string_view extra = {});

}  // namespace fcngraph::dsl
