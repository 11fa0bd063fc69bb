// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fcngraph::cli {

/// A mistake on the command line: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Arity {
  flag,      ///< --json
  one,       ///< --epochs N or --epochs=N; given twice is an error
  repeated,  ///< --set a=b --set c=d
  list,      ///< --fetch a,b
  many       ///< --input PATH PATH ...: everything up to the next option
};

/// A row of a command's table of options.
struct Option {
  std::string_view name;  ///< without the dashes
  Arity arity = Arity::one;
  std::string_view value;  ///< what help calls the value: "N"
  std::string_view help;
  std::vector<std::string> choices = {};  ///< the words that it accepts; empty: any
  std::vector<std::string> modes = {};    ///< of `run`: the modes that it goes with; empty: all
  char letter = 0;                        ///< -o for --out; 0: none
};

/// What was given.
class Arguments {
 public:
  const std::vector<std::string>& positional() const noexcept { return positional_; }
  bool has(std::string_view name) const { return values_.find(name) != values_.end(); }
  /// The value, or `otherwise`.
  std::string text(std::string_view name, std::string otherwise = {}) const;
  const std::vector<std::string>& list(std::string_view name) const;
  /// A whole number between low and high. Throws UsageError.
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t low, std::int64_t high) const;

 private:
  friend Arguments parse(std::span<const Option>, std::span<const std::string>);
  std::vector<std::string> positional_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Reads `words` by the table. Throws UsageError that suggests the nearest option. "--" ends the options, "-" is a value.
Arguments parse(std::span<const Option> options, std::span<const std::string> words);

/// The options as --help lists them.
std::string help_of(std::span<const Option> options);

}  // namespace fcngraph::cli
